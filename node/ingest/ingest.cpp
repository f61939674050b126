#include "node/ingest/ingest.hpp"

#include <utility>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "node/ingest/file_record.hpp"
#include "node/ingest/incoming_object.hpp"
#include "node/runtime/clock.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
namespace {

const char* outcome_word(StoreOutcome outcome) { return outcome == StoreOutcome::stored ? "stored" : "already_there"; }

class WireSink final : public StoreSink {
 public:
  WireSink(Archive& archive, const StoreRequest& request)
      : association_(request.caller.association_id),
        calling_(request.caller.calling),
        announced_(request.sop_instance_uid),
        object_(archive,
                {request.sop_class_uid, request.sop_instance_uid, request.transfer_syntax_uid, Origin::received,
                 request.caller.calling.str()},
                file_meta_information(request.sop_class_uid, request.sop_instance_uid, request.transfer_syntax_uid,
                                      request.caller.calling.str())) {}

  void write(ByteView bytes) override { object_.write(bytes); }

  void finish() override {
    try {
      const auto outcome = object_.store();
      const auto& name = object_.name();
      log_event(LogLevel::info, "ingest", outcome_word(outcome),
                {{"instance", name.sop_instance_uid},
                 {"series", name.series_instance_uid},
                 {"class", name.sop_class_uid},
                 {"from", calling_},
                 {"association", association_},
                 {"bytes", object_.dataset_size()},
                 {"receive_ms", watch_.ms()}});
    } catch (const Error& error) {
      log_event(LogLevel::warning, "ingest", "not_stored",
                {{"instance", announced_}, {"from", calling_}, {"association", association_}, {"why", error.what()}});
      throw;
    }
  }

 private:
  Stopwatch watch_;
  std::int64_t association_;
  AeTitle calling_;
  Uid announced_;
  IncomingObject object_;
};

}  // namespace

std::unique_ptr<StoreSink> Ingest::begin_store(const StoreRequest& request) {
  return std::make_unique<WireSink>(archive_, request);
}

StoreOutcome Ingest::store_produced(const Part10File& file) {
  const ByteView bytes(file.bytes);
  const auto layout = locate_dataset(bytes);
  IncomingObject object(
      archive_, {file.name.sop_class_uid, file.name.sop_instance_uid, layout.transfer_syntax_uid, Origin::produced, ""},
      bytes.first(layout.dataset_offset));
  object.write(bytes.subspan(layout.dataset_offset));
  const auto outcome = object.store();
  log_event(LogLevel::info, "ingest", outcome_word(outcome),
            {{"instance", file.name.sop_instance_uid},
             {"series", file.name.series_instance_uid},
             {"class", file.name.sop_class_uid},
             {"from", "pipeline"},
             {"bytes", object.dataset_size()}});
  return outcome;
}

StoreOutcome Ingest::store_brought(ByteView part10) {
  const auto found = describe_file(part10);
  const auto dataset = part10.subspan(found.dataset_offset);
  if (archive_.holds(found.name, dataset)) return StoreOutcome::already_there;  // nothing is written then
  constexpr const char* source = "IMPORT";
  const auto head =
      file_meta_information(found.name.sop_class_uid, found.name.sop_instance_uid, found.transfer_syntax_uid, source);
  IncomingObject object(
      archive_,
      {found.name.sop_class_uid, found.name.sop_instance_uid, found.transfer_syntax_uid, Origin::received, source},
      head);
  object.write(dataset);
  return object.store();
}

}  // namespace punctum
