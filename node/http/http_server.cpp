#include "node/http/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = boost::asio::ip::tcp;
using Handler = std::function<HttpAnswer(const HttpRequest&)>;

constexpr std::uint32_t header_limit = 32 * 1024;
constexpr std::uint64_t body_limit = 64 * 1024;
constexpr std::chrono::seconds idle_timeout{30};

/// One connection: read, answer, read again. Owns its socket and buffer; lives as long as an operation is under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Handler& handler) : stream_(std::move(socket)), handler_(handler) {}

  void read() {
    parser_.emplace();
    parser_->header_limit(header_limit);
    parser_->body_limit(body_limit);
    stream_.expires_after(idle_timeout);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->answer();
    });
  }

 private:
  void answer() {
    const auto& request = parser_->get();
    auto answer = handler_({std::string(request.method_string()), std::string(request.target())});
    response_ = {http::status(answer.status), request.version()};
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.keep_alive(request.keep_alive());
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    if (request.method() == http::verb::head) response_.body().clear();
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) return self->read();
      beast::error_code ignored;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  beast::tcp_stream stream_;
  const Handler& handler_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
};

}  // namespace

struct HttpServer::Impl {
  explicit Impl(Handler given) : handler(std::move(given)) {}

  void accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return accept_later();
      serve(std::move(socket));
      accept();
    });
  }

  /// Mostly there is no file descriptor to be had: asked again at once, it would be a loop that takes a core.
  void accept_later() {
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([this](beast::error_code error) {
      if (!error) accept();
    });
  }

  void serve(tcp::socket socket) {
    beast::error_code gone;  // a caller that left already ends the first read
    socket.set_option(tcp::no_delay(true), gone);
    std::make_shared<Session>(std::move(socket), handler)->read();
  }

  Handler handler;
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context};
};

HttpServer::HttpServer(const std::string& bind, std::uint16_t port, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(handler))) {
  try {
    const auto found = tcp::resolver(impl_->context).resolve(bind, std::to_string(port), tcp::resolver::passive);
    const tcp::endpoint endpoint = *found.begin();
    impl_->acceptor.open(endpoint.protocol());
    impl_->acceptor.set_option(tcp::acceptor::reuse_address(true));
    impl_->acceptor.bind(endpoint);
    impl_->acceptor.listen();
  } catch (const boost::system::system_error& error) {
    throw NetworkError("cannot listen for HTTP on " + bind + ":" + std::to_string(port) + ": " +
                       error.code().message());
  }
  impl_->accept();
}

HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return impl_->acceptor.local_endpoint().port(); }
void HttpServer::run() { impl_->context.run(); }
void HttpServer::stop() { impl_->context.stop(); }

}  // namespace punctum
