#include "node/runtime/threads.hpp"

#include <pthread.h>

#include <exception>
#include <utility>

#include "node/runtime/log.hpp"

namespace punctum {

NamedThread::NamedThread(const char* name, std::function<void(std::stop_token)> body)
    : thread_([name, body = std::move(body)](std::stop_token stop) {
        pthread_setname_np(pthread_self(), name);
        try {
          body(std::move(stop));
        } catch (const std::exception& error) {
          log_event(LogLevel::error, "runtime", "thread_ended", {{"thread", name}, {"why", error.what()}});
        }
      }) {}

}  // namespace punctum
