#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "config/config.hpp"
#include "config/json_object.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

AeTitle ae_title_at(const std::string& pointer, const std::string& text) {
  auto title = AeTitle::parse(text);
  if (!title) refuse_value(pointer, text, "an AE title of 1 to 16 characters without backslash");
  return *title;
}

std::set<AeTitle> ae_titles_at(const std::string& pointer, const std::vector<std::string>& texts) {
  std::set<AeTitle> titles;
  for (std::size_t i = 0; i < texts.size(); ++i)
    titles.insert(ae_title_at(pointer + "/" + std::to_string(i), texts[i]));
  return titles;
}

std::map<AeTitle, Peer> parse_peers(JsonObject section, const std::string& pointer) {
  std::map<AeTitle, Peer> peers;
  for (const auto& name : section.names()) {
    const auto here = section.pointer_to(name);
    JsonObject fields(*section.field(name), here);
    Peer peer{ae_title_at(here, name), "", 0};
    if (const auto host = fields.text("host")) peer.host = *host;
    if (const auto port = fields.integer("port", 1, 65535)) peer.port = static_cast<std::uint16_t>(*port);
    if (const auto most = fields.integer("associations", 1, 16)) peer.associations = static_cast<std::size_t>(*most);
    if (const auto commitment = fields.boolean("commitment")) peer.commitment = *commitment;
    fields.refuse_unknown_fields();
    if (peer.host.empty()) throw ConfigError(here + "/host: missing, expected the peer's name or address");
    if (peer.port == 0) throw ConfigError(here + "/port: missing, expected a whole number from 1 to 65535");
    if (!peers.emplace(peer.ae_title, peer).second) {
      throw ConfigError(pointer + ": AE title " + peer.ae_title.str() + " stands there twice");
    }
  }
  return peers;
}

std::optional<std::set<AeTitle>> parse_callers(JsonObject& section) {
  const auto* value = section.field("callers");
  if (!value || *value == "any") return {};
  if (value->is_string()) refuse_value(section.pointer_to("callers"), *value, "\"any\" or a list of AE titles");
  return ae_titles_at(section.pointer_to("callers"), section.texts("callers").value_or(std::vector<std::string>{}));
}

DicomConfig parse_dicom(JsonObject section) {
  DicomConfig dicom;
  if (const auto bind = section.text("bind")) dicom.bind = *bind;
  if (const auto port = section.integer("port", 0, 65535)) dicom.port = static_cast<std::uint16_t>(*port);
  if (const auto most = section.integer("max_associations", 1, 4096))
    dicom.max_associations = static_cast<std::size_t>(*most);
  if (const auto pdu = section.integer("max_pdu", 4096, 131072)) dicom.max_pdu = static_cast<std::uint32_t>(*pdu);
  if (const auto idle = section.integer("idle_timeout_s", 1, 86400)) dicom.idle_timeout = std::chrono::seconds(*idle);
  dicom.callers = parse_callers(section);
  if (auto peers = section.object("peers")) dicom.peers = parse_peers(*peers, section.pointer_to("peers"));
  section.refuse_unknown_fields();
  return dicom;
}

HttpConfig parse_http(JsonObject section) {
  HttpConfig http;
  if (const auto bind = section.text("bind")) http.bind = *bind;
  if (const auto port = section.integer("port", 0, 65535)) http.port = static_cast<std::uint16_t>(*port);
  section.refuse_unknown_fields();
  return http;
}

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

/// A list of texts of one kind; nothing if it is not there.
template <class Fits>
std::optional<std::vector<std::string>> texts_that(JsonObject& section, const char* name, Fits fits,
                                                   const char* expected) {
  auto texts = section.texts(name);
  for (std::size_t i = 0; texts && i < texts->size(); ++i) {
    if (fits((*texts)[i])) continue;
    refuse_value(section.pointer_to(name) + "/" + std::to_string(i), (*texts)[i], expected);
  }
  return texts;
}

bool is_licence_class(const std::string& text) { return text == "commercial" || text == "research"; }

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

InferenceConfig parse_inference(JsonObject section) {
  InferenceConfig inference;
  if (const auto model = section.text("model")) inference.model = *model;
  if (const auto device = section.text("device")) inference.device = *device;
  constexpr std::array devices{"auto", "cpu", "cuda"};
  if (std::find(devices.begin(), devices.end(), inference.device) == devices.end()) {
    refuse_value(section.pointer_to("device"), inference.device, "\"auto\", \"cpu\" or \"cuda\"");
  }
  if (const auto threads = section.integer("threads", 0, 1024)) inference.threads = static_cast<int>(*threads);
  if (auto licences = texts_that(section, "licences", is_licence_class, "\"commercial\" or \"research\"")) {
    inference.licences = *std::move(licences);
  }
  if (auto digests = texts_that(section, "scripts", is_sha256,
                                "a SHA-256 of 64 hexadecimal digits in small letters, as sha256sum prints it")) {
    inference.scripts = *std::move(digests);
  }
  if (const auto settle = section.number("settle_s", 0, 3600)) inference.settle = milliseconds_of(*settle);
  if (const auto wait = section.number("images_within_s", 0, 604800)) inference.images_within = milliseconds_of(*wait);
  section.refuse_unknown_fields();
  return inference;
}

StorageConfig parse_storage(JsonObject section) {
  StorageConfig storage;
  if (const auto pace = section.number("scrub_mb_per_s", 0, 10000)) storage.scrub_mb_per_s = *pace;
  if (const auto days = section.integer("retention_days", 0, 36500)) storage.retention = std::chrono::days(*days);
  if (const auto most = section.integer("quarantine_mb", 0, 1 << 30)) {
    storage.quarantine_mb = static_cast<std::uint64_t>(*most);
  }
  section.refuse_unknown_fields();
  return storage;
}

bool is_loopback(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

/// A node that anybody on the network may write to and read from is never what somebody meant.
void refuse_open_door(const DicomConfig& dicom) {
  if (dicom.callers || is_loopback(dicom.bind)) return;
  throw ConfigError(
      "/dicom/callers: found \"any\" with /dicom/bind " + dicom.bind +
      ", which would let everybody on the network store and read images; list the AE titles that may call "
      "in /dicom/callers, or set /dicom/bind to 127.0.0.1");
}

/// The web side has no access control yet, so it stays on this machine.
void refuse_open_web(const HttpConfig& http) {
  if (is_loopback(http.bind)) return;
  throw ConfigError("/http/bind: found \"" + http.bind +
                    "\", expected a loopback address such as 127.0.0.1; put a reverse "
                    "proxy with authentication in front of it to reach it from elsewhere");
}

std::vector<AeTitle> parse_deliver(JsonObject& root, const std::map<AeTitle, Peer>& peers) {
  std::vector<AeTitle> out;
  const auto names = root.texts("deliver").value_or(std::vector<std::string>{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto here = root.pointer_to("deliver") + "/" + std::to_string(i);
    const auto title = ae_title_at(here, names[i]);
    if (!peers.contains(title))
      throw ConfigError(here + ": " + title.str() + " is no peer, expected a name of /dicom/peers");
    if (std::find(out.begin(), out.end(), title) == out.end()) out.push_back(title);
  }
  return out;
}

}  // namespace

Config parse_config(const std::string& json_text, const std::filesystem::path& base_dir) {
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(json_text);
  } catch (const nlohmann::json::parse_error& error) {
    throw ConfigError("not JSON at byte " + std::to_string(error.byte) + ": " + error.what());
  } catch (const nlohmann::json::exception& error) {  // well-formed, but no number of ours holds 1e999
    throw ConfigError("not usable JSON: " + std::string(error.what()));
  }
  JsonObject root(json, "");
  Config config;
  if (const auto title = root.text("ae_title")) config.ae_title = ae_title_at("/ae_title", *title);
  if (const auto folder = root.text("data_dir")) config.data_dir = *folder;
  config.data_dir = (base_dir / config.data_dir).lexically_normal();
  config.base_dir = base_dir;
  if (const auto free = root.integer("min_free_mb", 1, 1 << 30)) config.min_free_mb = static_cast<std::uint64_t>(*free);
  if (auto section = root.object("dicom")) config.dicom = parse_dicom(*section);
  if (auto section = root.object("http")) config.http = parse_http(*section);
  if (auto section = root.object("storage")) config.storage = parse_storage(*section);
  if (auto section = root.object("inference")) config.inference = parse_inference(*section);
  config.deliver = parse_deliver(root, config.dicom.peers);
  root.refuse_unknown_fields();
  refuse_open_door(config.dicom);
  refuse_open_web(config.http);
  return config;
}

Config load_config(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw ConfigError("cannot read configuration " + file.string());
  try {
    return parse_config(text.str(), std::filesystem::absolute(file).parent_path());
  } catch (const ConfigError& error) {
    throw ConfigError("cannot use configuration " + file.string() + ": " + error.what());
  }
}

}  // namespace punctum
