#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace punctum {

struct HttpRequest {
  std::string method;  ///< "GET", "HEAD"
  std::string target;  ///< path with query, as it came
};
struct HttpAnswer {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// A small HTTP/1.1 server: reads a request of bounded size within a bounded time, asks the handler, answers, keeps the
/// connection. The handler runs on the thread that calls run() and must be quick.
class HttpServer {
 public:
  /// Binds and listens. @throws NetworkError naming address and reason (address in use, ...)
  HttpServer(const std::string& bind, std::uint16_t port, std::function<HttpAnswer(const HttpRequest&)> handler);
  ~HttpServer();
  std::uint16_t port() const;
  void run();   ///< until stop()
  void stop();  ///< any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace punctum
