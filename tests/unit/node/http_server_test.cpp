#include "node/http/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "dicom/types/error.hpp"
#include "node/http/health.hpp"
#include "tests/support/matchers.hpp"
#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;

std::string ask(std::uint16_t port, const std::string& request) {
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  // A server that hangs up early may do so while the request is still being written; what was answered is read below.
  boost::system::error_code hung_up;
  boost::asio::write(socket, boost::asio::buffer(request), hung_up);
  std::string answer;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
  return answer;
}

struct Served {
  HttpServer server{"127.0.0.1", 0,
                    [](const HttpRequest& request) { return HttpAnswer{200, "text/plain", request.target}; }};
  std::thread thread{[this] { server.run(); }};
  ~Served() {
    server.stop();
    thread.join();
  }
};

TEST(HttpServer, AnswersWithWhatTheHandlerSays) {
  Served served;
  const auto answer = ask(served.server.port(), "GET /here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\n/here"));
}

TEST(HttpServer, AnswerToHeadHasLengthButNoBody) {
  Served served;
  const auto answer = ask(served.server.port(), "HEAD /here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 5"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpServer, HangsUpOnGarbageAndServesTheNext) {
  Served served;
  EXPECT_EQ(ask(served.server.port(), "\x01\x02\x03 no http\r\n\r\n"), "");
  EXPECT_EQ(ask(served.server.port(), "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n"), "");
  EXPECT_THAT(ask(served.server.port(), "GET /x HTTP/1.0\r\n\r\n"), HasSubstr("200"));
}

TEST(HttpServer, PortInUseIsNamed) {
  Served served;
  const auto port = served.server.port();
  EXPECT_THAT(
      PUNCTUM_MESSAGE_OF(NetworkError, HttpServer("127.0.0.1", port, [](const HttpRequest&) { return HttpAnswer{}; })),
      HasSubstr("127.0.0.1:" + std::to_string(port)));
}

TEST(Health, SaysThatTheIndexAnswers) {
  MemoryOfANode node;
  node.receive(CtSliceBuilder{}.build().file);
  const auto answer = answer_health({"GET", "/health"}, *node.archive, node.stores);
  EXPECT_EQ(answer.status, 200u);
  EXPECT_THAT(answer.body, HasSubstr("\"ok\":true"));
  EXPECT_THAT(answer.body, HasSubstr("\"last_change\":1"));
  EXPECT_EQ(answer_health({"GET", "/"}, *node.archive, node.stores).status, 404u);
  EXPECT_EQ(answer_health({"POST", "/health"}, *node.archive, node.stores).status, 405u);
}

}  // namespace
}  // namespace punctum::test
