// DCMTK's own command line programs on the other side of the line.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/net/store_scu.hpp"
#include "tests/integration/net_programs.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/net/fake_node.hpp"

namespace punctum {
namespace {

using test::BackgroundProgram;
using test::CtSeriesBuilder;
using test::data_set_of;
using test::FakeNode;
using test::run_program;
using test::RunningServer;
using test::TempDir;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::vector<Bytes> slices(int count, const std::string& syntax = "1.2.840.10008.1.2.1") {
  CtSeriesBuilder builder;
  builder.slice.transfer_syntax(syntax);
  return test::bytes_of(builder.count(count).build());
}

/// An object in a syntax that is not decoded on its way out, as far as its label says: JPEG Baseline.
Retrievable compressed_object() {
  auto object = test::retrievable_from(test::CtSliceBuilder{}.instance(99).build().bytes());
  object.transfer_syntax_uid = Uid::require("1.2.840.10008.1.2.4.50");
  return object;
}

/// What a storescp wrote, by SOP Instance UID.
std::map<std::string, Bytes> received_in(const fs::path& folder) {
  std::map<std::string, Bytes> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    auto file = test::read_file(entry.path());
    found.emplace(test::retrievable_from(file).name.sop_instance_uid.str(), std::move(file));
  }
  return found;
}

/// A storescp that keeps data sets as they come.
struct Receiver {
  explicit Receiver(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {"storescp", "+B", "-aet", "RECEIVER", "-od", folder.path().string()};
    command.insert(command.end(), more.begin(), more.end());
    command.push_back(std::to_string(port));
    program.emplace(command);
    listening = test::wait_for_listener(port);
  }
  Peer peer() const { return {AeTitle::require("RECEIVER"), "127.0.0.1", port}; }
  TempDir folder;
  std::uint16_t port = test::free_port();
  bool listening = false;
  std::optional<BackgroundProgram> program;
};

TEST(DcmtkClients, EchoscuIsAnswered) {
  FakeNode node;
  const RunningServer server(node);
  const auto result = run_program({"echoscu", "-v", "-aec", "PUNCTUM", "127.0.0.1", server.port()});
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

struct Sending {
  std::string file, option;
};
class StorescuSyntax : public testing::TestWithParam<Sending> {};

TEST_P(StorescuSyntax, ArrivesAsItWasSent) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto path = folder / GetParam().file;
  const auto file = test::read_file(path);
  const auto name = test::retrievable_from(file);
  FakeNode node;
  const RunningServer server(node);

  const auto result =
      run_program({"storescu", "-v", GetParam().option, "-aec", "PUNCTUM", "127.0.0.1", server.port(), path.string()});

  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto stored = node.stored();
  ASSERT_EQ(stored.size(), 1u) << result.output;
  const auto& object = stored.begin()->second;
  EXPECT_EQ(object.transfer_syntax_uid, name.transfer_syntax_uid);
  EXPECT_EQ(object.data_set.size(), data_set_of(file).size());
  EXPECT_TRUE(object.data_set == data_set_of(file)) << "the data set changed on its way";
}

// Those that storescu itself does not rewrite on the way (it repairs the VR of the JPEG 2000 file's pixel data).
INSTANTIATE_TEST_SUITE_P(
    Files, StorescuSyntax,
    testing::Values(Sending{"CTImage.dcm_LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2.dcm", "-xi"},
                    Sending{"CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm", "-xe"},
                    Sending{"CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm", "-xb"},
                    Sending{"CTImage.dcm_JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70.dcm", "-xs"},
                    Sending{"CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm", "-xt"},
                    Sending{"CTImage.dcm_RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm", "-xr"}),
    [](const auto& sending) { return sending.param.option.substr(1); });

TEST(DcmtkClients, OurSenderKeepsEverySyntaxByteIdentical) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  FakeNode node;
  const RunningServer server(node);
  for (const auto& path : test::dicom_files_in(folder)) {
    const auto object = test::retrievable_from(test::read_file(path));
    const auto outcome = send_objects(server.peer(), {object}, {}).front();
    EXPECT_EQ(outcome.kind, SendOutcome::Kind::sent) << path << ": " << outcome.message;
    const auto stored = node.stored().at(object.name.sop_instance_uid.str());
    EXPECT_TRUE(stored.data_set == data_set_of(test::file_of(object))) << path;
    EXPECT_EQ(stored.transfer_syntax_uid, object.transfer_syntax_uid) << path;
  }
}

TEST(DcmtkClients, FourStorescuAtOnceLoseNothing) {
  FakeNode node;
  const RunningServer server(node);
  const TempDir folder;
  const auto files = slices(40);
  for (std::size_t i = 0; i < files.size(); ++i) {
    test::write_file(folder / ("slice" + std::to_string(i) + ".dcm"), files[i]);
  }
  std::vector<std::jthread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&, i] {
      std::vector<std::string> command = {"storescu", "-aec", "PUNCTUM", "127.0.0.1", server.port()};
      for (std::size_t k = static_cast<std::size_t>(i); k < files.size(); k += 4) {
        command.push_back((folder / ("slice" + std::to_string(k) + ".dcm")).string());
      }
      EXPECT_EQ(run_program(command).exit_code, 0);
    });
  }
  senders.clear();
  EXPECT_EQ(node.stored().size(), files.size());
}

TEST(DcmtkClients, FindscuReadsMatchesInUtf8) {
  FakeNode node;
  node.on_find = [](const QueryRequest& request, const std::function<bool(const Identifier&)>& emit, auto&) {
    EXPECT_EQ(request.level, "STUDY");
    EXPECT_EQ(request.model, InformationModel::study_root);
    for (int i = 0; i < 3; ++i) {
      emit({{0x0010, 0x0010, "PN", "M\xc3\xbcller^J\xc3\xb6rg"},
            {0x0020, 0x000d, "UI", "1.2.3." + std::to_string(i + 1)}});
    }
  };
  const RunningServer server(node);
  const auto result = run_program({"findscu", "-S", "+sr", "-aec", "PUNCTUM", "127.0.0.1", server.port(), "-k",
                                   "QueryRetrieveLevel=STUDY", "-k", "PatientName=M*", "-k", "StudyInstanceUID"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("M\xc3\xbcller^J\xc3\xb6rg"));
  EXPECT_THAT(result.output, HasSubstr("ISO_IR 192"));
  EXPECT_THAT(result.output, HasSubstr("1.2.3.3"));
  ASSERT_EQ(node.queries().size(), 1u);
  EXPECT_EQ(node.queries()[0].keys.at(0).value, "M*");
}

TEST(DcmtkClients, FindscuMayCancel) {
  FakeNode node;
  std::atomic<int> emitted = 0;
  node.on_find = [&](const QueryRequest&, const std::function<bool(const Identifier&)>& emit, auto&) {
    while (emitted < 100'000 && emit({{0x0020, 0x000d, "UI", "1.2.3"}})) ++emitted;
  };
  const RunningServer server(node);
  const auto result = run_program({"findscu", "-v", "-P", "--cancel", "5", "-aec", "PUNCTUM", "127.0.0.1",
                                   server.port(), "-k", "QueryRetrieveLevel=PATIENT", "-k", "StudyInstanceUID"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("Cancel"));
  EXPECT_LT(emitted, 100'000);
}

TEST(DcmtkClients, FindscuHearsOfABadLevel) {
  FakeNode node;
  const RunningServer server(node);
  const auto result = run_program({"findscu", "-d", "-S", "-aec", "PUNCTUM", "127.0.0.1", server.port(), "-k",
                                   "QueryRetrieveLevel=PATIENT", "-k", "PatientName"});
  EXPECT_THAT(result.output, HasSubstr("Query/Retrieve Level is PATIENT"));
}

TEST(DcmtkClients, GetscuReceivesWhatIsStored) {
  FakeNode node;
  auto files = slices(5);
  files.push_back(test::CtSliceBuilder{}.instance(99).size(2304, 2048).build().bytes());  // read while it is sent
  for (const auto& file : files) node.retrievables.push_back(test::retrievable_from(file));
  const RunningServer server(node);
  const TempDir folder;
  const auto result =
      run_program({"getscu", "-v", "+B", "-S", "-aec", "PUNCTUM", "-od", folder.path().string(), "127.0.0.1",
                   server.port(), "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto received = received_in(folder.path());
  ASSERT_EQ(received.size(), files.size()) << result.output;
  for (const auto& object : node.retrievables) {
    EXPECT_TRUE(data_set_of(received.at(object.name.sop_instance_uid.str())) == data_set_of(test::file_of(object)));
  }
}

TEST(DcmtkClients, GetscuGetsOneSyntaxAndHearsWhatDidNotFit) {
  FakeNode node;
  node.retrievables.push_back(test::retrievable_from(slices(1).front()));
  node.retrievables.push_back(compressed_object());
  const RunningServer server(node);
  const TempDir folder;
  const auto result = run_program({"getscu", "-d", "-S", "-aec", "PUNCTUM", "-od", folder.path().string(), "127.0.0.1",
                                   server.port(), "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3"});
  EXPECT_EQ(received_in(folder.path()).size(), 1u);
  EXPECT_THAT(result.output, HasSubstr("Failed Suboperations          : 1"));
  EXPECT_THAT(result.output, HasSubstr("peer refuses 1.2.840.10008.5.1.4.1.1.2 in 1.2.840.10008.1.2.4.50"));
}

TEST(DcmtkClients, MovescuHasObjectsSentToItsNeighbour) {
  FakeNode node;
  const auto files = slices(5);
  for (const auto& file : files) node.retrievables.push_back(test::retrievable_from(file));
  const Receiver receiver;
  ASSERT_TRUE(receiver.listening);
  node.peers.emplace(receiver.peer().ae_title, receiver.peer());
  const RunningServer server(node);
  const auto result = run_program({"movescu", "-v", "-S", "-aec", "PUNCTUM", "-aem", "RECEIVER", "127.0.0.1",
                                   server.port(), "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const auto received = received_in(receiver.folder.path());
  ASSERT_EQ(received.size(), files.size()) << result.output;
  for (const auto& object : node.retrievables) {
    EXPECT_TRUE(data_set_of(received.at(object.name.sop_instance_uid.str())) == data_set_of(test::file_of(object)));
  }
}

TEST(DcmtkClients, MovescuHearsOfAnUnknownDestination) {
  FakeNode node;
  node.retrievables.push_back(test::retrievable_from(slices(1).front()));
  const RunningServer server(node);
  const auto result = run_program({"movescu", "-d", "-S", "-aec", "PUNCTUM", "-aem", "NOBODY", "127.0.0.1",
                                   server.port(), "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3"});
  EXPECT_THAT(result.output, HasSubstr("0xa801"));
  EXPECT_THAT(result.output, HasSubstr("move destination unknown: NOBODY"));
}

TEST(DcmtkClients, MovescuHearsOfADestinationThatIsDown) {
  FakeNode node;
  for (const auto& file : slices(3)) node.retrievables.push_back(test::retrievable_from(file));
  node.peers.emplace(AeTitle::require("DOWN"), Peer{AeTitle::require("DOWN"), "127.0.0.1", test::free_port()});
  const RunningServer server(node);
  const auto result = run_program({"movescu", "-d", "-S", "-aec", "PUNCTUM", "-aem", "DOWN", "127.0.0.1", server.port(),
                                   "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3"});
  EXPECT_THAT(result.output, HasSubstr("0xa702"));
  EXPECT_THAT(result.output, HasSubstr("Failed Suboperations          : 3"));
}

class Reencoding : public testing::TestWithParam<const char*> {};

TEST_P(Reencoding, GivesAReceiverOfImplicitOnlyTheSameValues) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto file = test::read_file(folder / (std::string("CTImage.dcm_") + GetParam() + ".dcm"));
  const auto object = test::retrievable_from(file);
  const Receiver receiver({"+xi"});
  ASSERT_TRUE(receiver.listening);

  const auto outcome = send_objects(receiver.peer(), {object}, {}).front();

  EXPECT_EQ(outcome.kind, SendOutcome::Kind::sent) << outcome.message;
  const auto received = received_in(receiver.folder.path()).at(object.name.sop_instance_uid.str());
  EXPECT_EQ(locate_dataset(received).transfer_syntax_uid.str(), "1.2.840.10008.1.2");
  const auto pixels = [](const Bytes& part10) {
    const Uint16* values = nullptr;
    unsigned long count = 0;
    const auto dataset = parse_part10(part10, Extent::whole);
    EXPECT_TRUE(dataset->findAndGetUint16Array(DCM_PixelData, values, &count).good());
    return std::vector<Uint16>(values, values + count);
  };
  EXPECT_TRUE(pixels(received) == pixels(file));
  const auto sent_header = parse_part10(file, Extent::header), received_header = parse_part10(received, Extent::header);
  for (const auto& tag : {DCM_PatientName, DCM_ImagePositionPatient, DCM_RescaleIntercept, DCM_FrameOfReferenceUID}) {
    EXPECT_EQ(read_text(*received_header, tag), read_text(*sent_header, tag));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Reencoding,
                         testing::Values("LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1",
                                         "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2",
                                         "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99"),
                         [](const auto& syntax) {
                           const std::string name(syntax.param);
                           return name.substr(0, name.find('_'));
                         });

TEST(DcmtkClients, AReceiverWithoutTheSyntaxIsAPermanentFailureOfThatObjectAlone) {
  const Receiver receiver;
  ASSERT_TRUE(receiver.listening);
  const auto outcomes =
      send_objects(receiver.peer(), {compressed_object(), test::retrievable_from(slices(1).front())}, {});
  EXPECT_EQ(outcomes[0].kind, SendOutcome::Kind::permanent);
  EXPECT_THAT(outcomes[0].message, HasSubstr("1.2.840.10008.1.2.4.50"));
  EXPECT_EQ(outcomes[1].kind, SendOutcome::Kind::sent);
}

TEST(DcmtkClients, NobodyThereIsTransientAndARejectionIsNot) {
  const auto object = test::retrievable_from(slices(1).front());
  const Peer nobody{AeTitle::require("X"), "127.0.0.1", test::free_port()};
  EXPECT_EQ(send_objects(nobody, {object}, {}).front().kind, SendOutcome::Kind::transient);
  const Receiver receiver({"--refuse"});
  ASSERT_TRUE(receiver.listening);
  EXPECT_EQ(send_objects(receiver.peer(), {object}, {}).front().kind, SendOutcome::Kind::permanent);
}

TEST(DcmtkClients, AReceiverThatDiesIsTransientForTheRest) {
  const Receiver receiver({"--abort-after"});
  ASSERT_TRUE(receiver.listening);
  std::vector<Retrievable> objects;
  for (const auto& file : slices(3)) objects.push_back(test::retrievable_from(file));
  for (const auto& outcome : send_objects(receiver.peer(), objects, {})) {
    EXPECT_EQ(outcome.kind, SendOutcome::Kind::transient);
  }
}

}  // namespace
}  // namespace punctum
