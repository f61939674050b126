#include "dicom/dcmtk/runtime.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <dcmtk/oflog/spi/logevent.h>
#include <dcmtk/ofstd/ofstd.h>

#include <cstdlib>
#include <utility>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

using dcmtk::log4cplus::Logger;

class SinkAppender : public dcmtk::log4cplus::Appender {
 public:
  explicit SinkAppender(DcmtkRuntime::LogSink sink) : sink_(std::move(sink)) {}
  ~SinkAppender() override { destructorImpl(); }
  void close() override {}

 protected:
  void append(const dcmtk::log4cplus::spi::InternalLoggingEvent& event) override {
    using Severity = DcmtkRuntime::Severity;
    const auto level = event.getLogLevel();
    const auto severity = level >= dcmtk::log4cplus::ERROR_LOG_LEVEL  ? Severity::error
                          : level >= dcmtk::log4cplus::WARN_LOG_LEVEL ? Severity::warning
                          : level >= dcmtk::log4cplus::INFO_LOG_LEVEL ? Severity::info
                                                                      : Severity::debug;
    const auto &logger_name = event.getLoggerName(), &message = event.getMessage();
    sink_(severity, {logger_name.data(), logger_name.size()}, {message.data(), message.size()});
  }

 private:
  DcmtkRuntime::LogSink sink_;
};

void route_log(DcmtkRuntime::LogSink sink) {
  auto root = Logger::getRoot();
  root.removeAllAppenders();
  if (!sink) {
    root.setLogLevel(dcmtk::log4cplus::OFF_LOG_LEVEL);
    return;
  }
  root.setLogLevel(dcmtk::log4cplus::WARN_LOG_LEVEL);
  root.addAppender(dcmtk::log4cplus::SharedAppenderPtr(new SinkAppender(std::move(sink))));
}

}  // namespace

DcmtkRuntime::DcmtkRuntime(LogSink sink) {
  // DCMTK looks at this variable whenever it opens or accepts a socket. Without it each small response waits about
  // 40 ms for the peer's delayed ACK.
  setenv("TCP_NODELAY", "1", /*overwrite=*/1);
  OFStandard::initializeNetwork();
  route_log(std::move(sink));
  if (!dcmDataDict.isDictionaryLoaded()) {
    throw DicomError("cannot start DCMTK: no data dictionary found, expected the one of package libdcmtk-data");
  }
  DJDecoderRegistration::registerCodecs();
  DJLSDecoderRegistration::registerCodecs();
  DcmRLEDecoderRegistration::registerCodecs();
}

DcmtkRuntime::~DcmtkRuntime() {
  DcmRLEDecoderRegistration::cleanup();
  DJLSDecoderRegistration::cleanup();
  DJDecoderRegistration::cleanup();
  OFStandard::shutdownNetwork();
}

}  // namespace punctum
