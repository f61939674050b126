// A stored or received data set: structure guard, DCMTK's parser, the index attributes, text in any character set.
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "node/ingest/instance_header.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

void read_every_text(DcmDataset& dataset) {
  const Utf8Reader reader(dataset);
  for (unsigned long i = 0; i < dataset.card(); ++i) {
    const DcmTagKey tag = dataset.getElement(i)->getTag();
    expecting_errors([&] { (void)reader.read(dataset, tag); });
    expecting_errors([&] { (void)read_numbers(dataset, tag); });
    expecting_errors([&] { (void)read_uid(dataset, tag); });
    expecting_errors([&] { (void)read_items(dataset, tag); });
  }
}

void run(ByteView part10) {
  expecting_errors([&] {
    const auto dataset = parse_part10(part10, Extent::whole);
    read_every_text(*dataset);
  });
  expecting_errors([&] {
    const auto layout = locate_dataset(part10);
    const auto bytes = part10.subspan(layout.dataset_offset);
    (void)read_instance_header(bytes, layout.transfer_syntax_uid, bytes.size());
    (void)read_instance_header(bytes.first(bytes.size() / 2), layout.transfer_syntax_uid, bytes.size());
  });
}

const Registered target("dataset", run);

}  // namespace
}  // namespace punctum::fuzz
