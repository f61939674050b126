#include "node/node.hpp"

#include <algorithm>
#include <utility>

#include "dicom/net/scp_server.hpp"
#include "node/association_log.hpp"
#include "node/commitment/committer.hpp"
#include "node/decoding.hpp"
#include "node/delivery/deliverer.hpp"
#include "node/housekeeping/housekeeper.hpp"
#include "node/http/health.hpp"
#include "node/ingest/ingest.hpp"
#include "node/ingest/open_archive.hpp"
#include "node/jobs/job_feed.hpp"
#include "node/jobs/job_worker.hpp"
#include "node/query/query_service.hpp"
#include "node/runtime/log.hpp"
#include "node/runtime/threads.hpp"

namespace punctum {
namespace {

constexpr std::uint64_t volume_cache_bytes = std::uint64_t{384} << 20;  // two series of 300 slices
constexpr std::chrono::seconds association_grace{10};

std::vector<Peer> delivery_peers(const Config& config) {
  std::vector<Peer> out;
  out.reserve(config.deliver.size());
  for (const auto& title : config.deliver) out.push_back(config.dicom.peers.at(title));
  return out;
}

/// How the node calls others, until it is told to stop.
std::function<SendOptions(const std::stop_token&)> calls(const Config& config) {
  SendOptions options;
  options.calling = config.ae_title;
  options.max_pdu = config.dicom.max_pdu;
  return [options](const std::stop_token& stop) {
    auto stoppable = options;
    stoppable.stop = stop;
    return stoppable;
  };
}

Deliverer::Send sender(const Config& config, const Transcoder& transcode) {
  return [call = calls(config), transcode](const Peer& peer, const std::vector<Retrievable>& objects,
                                           const std::stop_token& stop) {
    auto options = call(stop);
    options.transcode = transcode;
    return send_objects(peer, objects, options);
  };
}

JobRules job_rules(const InferenceConfig& inference) {
  JobRules rules;
  rules.settle = inference.settle;
  rules.images_within = inference.images_within;
  return rules;
}

ScpOptions scp_options(const Config& config) {
  ScpOptions options;
  options.ae_title = config.ae_title;
  options.bind = config.dicom.bind;
  options.port = config.dicom.port;
  options.max_associations = config.dicom.max_associations;
  options.max_pdu = config.dicom.max_pdu;
  options.idle_timeout = config.dicom.idle_timeout;
  options.callers = config.dicom.callers;
  return options;
}

/// How long we listen whether a peer reports on the association on which it was asked.
constexpr std::chrono::milliseconds commitment_linger{1000};

Committer::Messages commitment_messages(const Config& config) {
  const auto call = calls(config);
  return {[call](const Peer& peer, const Commitment& answer, const std::stop_token& stop) {
            return report_commitment(peer, answer, call(stop));
          },
          [call](const Peer& peer, const Commitment& wanted, const std::stop_token& stop,
                 const Committer::OnReport& on_report) {
            return request_commitment(peer, wanted, call(stop), commitment_linger, on_report);
          }};
}

Services services(Ingest& ingest, const QueryService& query, Committer& committer, const DiskWatch& disk,
                  const std::map<AeTitle, Peer>& peers, const Transcoder& transcode) {
  Services out;
  out.begin_store = [&ingest](const StoreRequest& request) { return ingest.begin_store(request); };
  out.find = [&query](const QueryRequest& request, const auto& emit, const auto& interruption) {
    query.find(request, emit, interruption);
  };
  out.select = [&query](const QueryRequest& request) { return query.select(request); };
  out.peer = [peers](const AeTitle& title) -> std::optional<Peer> {
    const auto found = peers.find(title);
    return found == peers.end() ? std::nullopt : std::optional(found->second);
  };
  out.request_commitment = [&committer](const Caller& caller, const Commitment& commitment) {
    committer.take_request(caller, commitment);
  };
  out.reason_not_kept = [&committer](const CommittedObject& object) { return committer.reason_not_kept(object); };
  out.report_here = [&committer](const Caller& caller, const Uid& transaction_uid) {
    return committer.report_here(caller, transaction_uid);
  };
  out.reported_here = [&committer](const Caller& caller, const Uid& transaction_uid, bool taken) {
    committer.reported_here(caller, transaction_uid, taken);
  };
  out.take_report = [&committer](const Caller& caller, const Commitment& report) {
    return committer.take_report(caller.calling, report);
  };
  out.closed_because = [&disk]() -> std::optional<std::string> {
    return disk.has_room() ? std::nullopt : std::optional<std::string>("the disk is nearly full");
  };
  out.observe = log_association;
  out.transcode = transcode;
  return out;
}

}  // namespace

/// In the order of construction; destroyed in reverse. Both ports are bound before any thread starts, so that a port in
/// use ends the start with nothing half done.
struct Node::Parts {
  Parts(const Config& config, std::unique_ptr<Segmenter> given, const Decoders& decoders, const Clock& clock)
      : archive(open_archive(config, decoders.pixels)),
        stores(open_work_stores(config.data_dir, /*read_only=*/false, clock)),
        segmenter(std::move(given)),
        ingest(*archive),
        query(*archive),
        series(*archive, decoding_threads(config.inference), volume_cache_bytes, decoders.pixels),
        feed(*archive, *stores.jobs, *stores.followers, arrived),
        worker(*stores.jobs, {*archive, *stores.jobs, ingest, series, *segmenter, clock, config.ae_title.str()},
               job_rules(config.inference), config.ae_title.str()),
        commitments(open_commitment_store(config.data_dir, /*read_only=*/false, clock)),
        committer(*archive, *commitments, config.dicom.peers, commitment_messages(config), {}),
        deliverer(*archive, *stores.deliveries, *stores.followers, delivery_peers(config),
                  sender(config, decoders.transcode), {},
                  [this](const SopInstance& name, const Peer& peer) { committer.delivered(name, peer); }),
        house(*archive, *stores.followers, Upkeep::open(config.data_dir, /*read_only=*/false), config.storage, clock),
        http(config.http.bind, config.http.port,
             [this](const HttpRequest& request) { return answer_health(request, *archive, stores); }),
        scp(scp_options(config),
            services(ingest, query, committer, house.disk(), config.dicom.peers, decoders.transcode)),
        http_thread(thread_name::http,
                    [this](const std::stop_token& stop) {
                      const std::stop_callback end(stop, [this] { http.stop(); });
                      http.run();
                    }),
        feed_thread(thread_name::job_feed, [this](const std::stop_token& stop) { feed.run(stop); }),
        job_thread(thread_name::job, [this](const std::stop_token& stop) { worker.run(stop, arrived); }),
        commitment_thread(thread_name::commitment, [this](const std::stop_token& stop) { committer.run(stop); }),
        deliver_thread(thread_name::deliver, [this](const std::stop_token& stop) { deliverer.run(stop); }),
        house_thread(thread_name::house, [this](const std::stop_token& stop) { house.run(stop); }) {
    scp.start();
  }
  /// Work that would be begun in the grace of the associations would be cut off after it.
  ~Parts() {
    for (auto* thread : {&job_thread, &house_thread}) thread->request_stop();
    scp.stop(association_grace);
    for (auto* thread : {&feed_thread, &commitment_thread, &deliver_thread}) thread->request_stop();
  }

  std::unique_ptr<Archive> archive;
  WorkStores stores;
  std::unique_ptr<Segmenter> segmenter;
  Ingest ingest;
  QueryService query;
  SeriesCache series;
  WakeUp arrived;
  JobFeed feed;
  JobWorker worker;
  std::unique_ptr<CommitmentStore> commitments;
  Committer committer;
  Deliverer deliverer;
  Housekeeper house;
  HttpServer http;
  ScpServer scp;
  NamedThread http_thread, feed_thread, job_thread, commitment_thread, deliver_thread, house_thread;
};

Node::Node(const Config& config, std::unique_ptr<Segmenter> segmenter, const Decoders& decoders, const Clock& clock)
    : parts_(std::make_unique<Parts>(config, std::move(segmenter), decoders, clock)) {}
Node::~Node() = default;
std::uint16_t Node::dicom_port() const { return parts_->scp.port(); }
std::uint16_t Node::http_port() const { return parts_->http.port(); }

}  // namespace punctum
