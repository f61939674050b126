#include "storage/index/folding.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace punctum {

namespace {

struct Free {
  void operator()(utf8proc_uint8_t* raw) const noexcept { std::free(raw); }
};

std::string fold_text(std::string_view text) {
  utf8proc_uint8_t* raw = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                                                      UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &raw, options);
  const std::unique_ptr<utf8proc_uint8_t, Free> folded(raw);
  if (size < 0) return std::string(text);
  return {reinterpret_cast<const char*>(folded.get()), static_cast<std::size_t>(size)};
}

std::string_view without_trailing(std::string_view text, std::string_view characters) {
  const auto last = text.find_last_not_of(characters);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

}  // namespace

std::string fold_person_name(std::string_view name) {
  std::string folded;
  name = without_trailing(name, "= ^");
  while (true) {
    const auto end = name.find('=');
    folded += fold_text(without_trailing(name.substr(0, end), " ^")) + "=";
    if (end == std::string_view::npos) return folded;
    name.remove_prefix(end + 1);
  }
}

}  // namespace punctum
