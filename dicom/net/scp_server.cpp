#include "dicom/net/scp_server.hpp"

#include <pthread.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>

#include "dicom/net/lobby.hpp"
#include "dicom/net/session.hpp"
#include "dicom/net/tcp.hpp"

namespace punctum {
namespace {

constexpr auto artim = std::chrono::seconds(30);
constexpr auto breath = std::chrono::milliseconds(20);  // when the system has no descriptors left
constexpr int callers_per_round = 64;

FileDescriptor make_event() { return FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }
void raise(const FileDescriptor& event) { (void)!eventfd_write(event.get(), 1); }
void lower(const FileDescriptor& event) {
  eventfd_t ignored = 0;
  (void)!eventfd_read(event.get(), &ignored);
}

void name_thread(const std::string& name) { pthread_setname_np(pthread_self(), name.c_str()); }

}  // namespace

/// The accept thread owns the lobby and starts the sessions; a session that ends wakes it to be joined.
struct ScpServer::Impl {
  Impl(ScpOptions with, Services node)
      : options(std::move(with)), services(std::move(node)), listener(tcp::listen(options.bind, options.port)) {}

  struct Running {
    std::thread thread;
    std::atomic<bool> done = false;
  };

  void accept_loop();
  void admit_callers();
  void start_session(Guest guest);
  void turn_away(Guest guest, std::string reason);
  std::optional<std::string> closed_because() const;
  void join_finished();
  bool all_done();

  ScpOptions options;
  Services services;
  tcp::Listener listener;
  FileDescriptor wake = make_event();
  FileDescriptor draining = make_event();
  std::stop_source kill;
  std::atomic<bool> stopping = false;
  Lobby lobby{artim};
  std::int64_t last_id = 0;

  std::mutex mutex;  // of sessions
  std::condition_variable session_ended;
  std::list<Running> sessions;
  std::thread acceptor;
};

void ScpServer::Impl::accept_loop() {
  name_thread("scp-accept");
  std::vector<pollfd> entries;
  while (!stopping) {
    entries.assign({{wake.get(), POLLIN, 0}, {listener.socket.get(), POLLIN, 0}});
    lobby.add_to(entries);
    (void)::poll(entries.data(), entries.size(), static_cast<int>(lobby.until_next_deadline().count()));
    lower(wake);
    join_finished();
    if ((entries[1].revents & POLLIN) != 0) admit_callers();
    for (auto& guest : lobby.collect()) {
      if (auto reason = closed_because()) {
        turn_away(std::move(guest), std::move(*reason));
      } else {
        start_session(std::move(guest));
      }
    }
  }
}

void ScpServer::Impl::admit_callers() {
  for (int i = 0; i < callers_per_round; ++i) {
    auto accepted = tcp::accept(listener.socket);
    if (!accepted) {
      if (errno == EMFILE || errno == ENFILE) std::this_thread::sleep_for(breath);
      return;
    }
    lobby.admit({std::move(accepted->socket), std::move(accepted->address), {}});
  }
}

void ScpServer::Impl::start_session(Guest guest) {
  const auto id = ++last_id;
  const std::lock_guard lock(mutex);
  auto& running = sessions.emplace_back();
  try {
    running.thread = std::thread([this, &running, id, caller = std::move(guest)]() mutable {
      name_thread("scp-" + std::to_string(id % 100000));
      run_session(std::move(caller), id, {options, services, draining.get(), kill.get_token()});
      running.done = true;
      {
        const std::lock_guard end_lock(mutex);
        session_ended.notify_all();
      }
      raise(wake);
    });
  } catch (const std::system_error&) {  // no thread for it: its connection closes with the guest
    sessions.pop_back();
    std::this_thread::sleep_for(breath);
  }
}

std::optional<std::string> ScpServer::Impl::closed_because() const {
  if (sessions.size() >= options.max_associations) {
    return "all " + std::to_string(options.max_associations) + " associations are in use";
  }
  return services.closed_because ? services.closed_because() : std::nullopt;
}

void ScpServer::Impl::turn_away(Guest guest, std::string reason) {
  if (services.observe) {
    services.observe({AssociationEvent::Kind::turned_away, "", "", guest.address, 0, std::move(reason), 0, 0});
  }
  lobby.turn_away(std::move(guest));
}

void ScpServer::Impl::join_finished() {
  std::list<Running> finished;
  {
    const std::lock_guard lock(mutex);
    for (auto it = sessions.begin(); it != sessions.end();) {
      const auto next = std::next(it);
      if (it->done) finished.splice(finished.end(), sessions, it);
      it = next;
    }
  }
  for (auto& running : finished) running.thread.join();
}

bool ScpServer::Impl::all_done() {
  return std::ranges::all_of(sessions, [](const Running& running) { return running.done.load(); });
}

ScpServer::ScpServer(ScpOptions options, Services services)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(services))) {}

ScpServer::~ScpServer() { stop(); }

std::uint16_t ScpServer::port() const { return impl_->listener.port; }

void ScpServer::start() {
  impl_->acceptor = std::thread([this] { impl_->accept_loop(); });
}

void ScpServer::stop(std::chrono::milliseconds grace) {
  if (impl_->stopping.exchange(true)) return;
  raise(impl_->draining);
  raise(impl_->wake);
  if (impl_->acceptor.joinable()) impl_->acceptor.join();
  impl_->listener.socket.reset();
  {
    std::unique_lock lock(impl_->mutex);
    impl_->session_ended.wait_for(lock, grace, [&] { return impl_->all_done(); });
  }
  impl_->kill.request_stop();
  for (auto& running : impl_->sessions) running.thread.join();
  impl_->sessions.clear();
}

}  // namespace punctum
