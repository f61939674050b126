// Requests to the web side.
#include <cstdlib>
#include <thread>

#include "node/http/http_server.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::fuzz {
namespace {

/// Lives as long as the process.
struct WebSide {
  HttpServer server{"127.0.0.1", 0, [](const HttpRequest& request) {
                      return HttpAnswer{request.target.size() > 10 ? 404u : 200u, "text/plain", request.method};
                    }};
  std::jthread thread{[this] { server.run(); }};
  ~WebSide() { server.stop(); }
};

void run(ByteView stream) {
  static WebSide web;
  test::RawPeer peer(web.server.port());
  peer.send(stream);
  peer.finish_sending();
  if (!peer.wait_for_close()) std::abort();
}

const Registered target("http", run);

}  // namespace
}  // namespace punctum::fuzz
