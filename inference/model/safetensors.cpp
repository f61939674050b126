#include "inference/model/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "inference/model/half_float.hpp"

namespace punctum {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little endian");

constexpr std::uint64_t header_cap = 100'000'000;
constexpr std::uint64_t file_cap = 4'000'000'000;
constexpr std::size_t rank_cap = 8;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw ModelError("cannot load weights " + path.string() + ": " + why);
}

/// What is read; written is no bfloat16.
enum class StoredType { f32, f16, bf16 };
constexpr std::array<std::string_view, 3> stored_types{"F32", "F16", "BF16"};

struct Entry {
  std::string name;
  StoredType type = StoredType::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t count = 1, begin = 0, end = 0;
};

std::uint64_t width_of(TensorType type) { return type == TensorType::f32 ? 4 : 2; }

Entry parse_entry(const std::filesystem::path& path, const std::string& name, const nlohmann::json& json) {
  Entry entry;
  entry.name = name;
  try {
    const auto type = json.at("dtype").get<std::string>();
    const auto known = std::ranges::find(stored_types, type);
    if (known == stored_types.end()) {
      refuse(path, "tensor '" + name + "' has type " + type + ", expected F32, F16 or BF16");
    }
    entry.type = static_cast<StoredType>(known - stored_types.begin());
    json.at("shape").get_to(entry.shape);
    const auto offsets = json.at("data_offsets").get<std::vector<std::uint64_t>>();
    if (offsets.size() != 2)
      refuse(path, "tensor '" + name + "' has " + std::to_string(offsets.size()) + " offsets, expected 2");
    entry.begin = offsets[0], entry.end = offsets[1];
  } catch (const nlohmann::json::exception&) {
    refuse(path, "tensor '" + name + "' lacks dtype, shape or data_offsets, or they have the wrong type");
  }
  if (entry.shape.size() > rank_cap) refuse(path, "tensor '" + name + "' has too many dimensions");
  for (const auto size : entry.shape) {
    if (size < 0 || (size > 0 && entry.count > file_cap / static_cast<std::uint64_t>(size))) {
      refuse(path, "tensor '" + name + "' has an impossible shape");
    }
    entry.count *= static_cast<std::uint64_t>(size);
  }
  if (entry.begin > entry.end || entry.end - entry.begin != entry.count * (entry.type == StoredType::f32 ? 4 : 2)) {
    refuse(path, "tensor '" + name + "' has offsets that do not fit its shape");
  }
  return entry;
}

/// In the order of the buffer. @throws unless they cover it without gap or overlap.
std::vector<Entry> parse_header(const std::filesystem::path& path, const std::string& text, std::uint64_t buffer_size,
                                std::map<std::string, std::string>& metadata) {
  const auto header = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) refuse(path, "the header is not a JSON object");
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") {
      entries.push_back(parse_entry(path, name, value));
      continue;
    }
    if (!value.is_object()) refuse(path, "__metadata__ is not an object");
    for (const auto& [key, entry] : value.items()) {
      if (!entry.is_string()) refuse(path, "__metadata__ holds something other than text");
      metadata[key] = entry.get<std::string>();
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.begin < b.begin; });
  std::uint64_t at = 0;
  for (const auto& entry : entries) {
    if (entry.begin != at) refuse(path, "tensor '" + entry.name + "' overlaps another or leaves a gap");
    at = entry.end;
  }
  if (at != buffer_size) {
    refuse(path, "found " + std::to_string(buffer_size) + " bytes of numbers, expected " + std::to_string(at));
  }
  return entries;
}

StoredTensor widen(const std::filesystem::path& path, const Entry& entry, const char* bytes) {
  StoredTensor tensor{entry.shape, std::vector<float>(entry.count)};
  if (entry.type == StoredType::f32) {
    if (entry.count > 0) std::memcpy(tensor.values.data(), bytes, entry.count * sizeof(float));
  } else {
    for (std::uint64_t i = 0; i < entry.count; ++i) {
      std::uint16_t half = 0;
      std::memcpy(&half, bytes + 2 * i, sizeof half);
      tensor.values[i] = entry.type == StoredType::f16 ? float_of_half(half) : float_of_bfloat16(half);
    }
  }
  for (const float value : tensor.values) {
    if (!std::isfinite(value)) refuse(path, "tensor '" + entry.name + "' holds a number that is not finite");
  }
  return tensor;
}

std::string narrow(const std::string& name, const StoredTensor& tensor, TensorType type) {
  std::string bytes(tensor.values.size() * width_of(type), '\0');
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    const float value = tensor.values[i];
    if (!std::isfinite(value) || (type == TensorType::f16 && std::abs(value) > 65504.0F)) {
      throw ModelError("cannot write tensor '" + name + "': " + std::to_string(value) + " cannot be stored");
    }
    if (type == TensorType::f32) {
      std::memcpy(bytes.data() + 4 * i, &value, sizeof value);
    } else {
      const auto half = half_of_float(value);
      std::memcpy(bytes.data() + 2 * i, &half, sizeof half);
    }
  }
  return bytes;
}

}  // namespace

WeightsFile read_safetensors(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) refuse(path, "the file is missing or cannot be read");
  const auto size = static_cast<std::uint64_t>(file.tellg());
  if (size < 8 || size > file_cap) refuse(path, "found " + std::to_string(size) + " bytes, expected 8 to 4 GB");
  std::string bytes(size, '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) refuse(path, "the file cannot be read to its end");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  if (header_size > header_cap || header_size > size - 8) {
    refuse(path, "the header claims " + std::to_string(header_size) + " bytes, the file has " + std::to_string(size));
  }
  WeightsFile weights;
  const auto buffer = 8 + header_size;
  for (const auto& entry : parse_header(path, bytes.substr(8, header_size), size - buffer, weights.metadata)) {
    weights.tensors[entry.name] = widen(path, entry, bytes.data() + buffer + entry.begin);
  }
  return weights;
}

void write_safetensors(const std::filesystem::path& path, const WeightsFile& weights, TensorType type) {
  nlohmann::json header = nlohmann::json::object();
  if (!weights.metadata.empty()) header["__metadata__"] = weights.metadata;
  std::string buffer;
  for (const auto& [name, tensor] : weights.tensors) {
    const auto begin = buffer.size();
    buffer += narrow(name, tensor, type);
    header[name] = {{"dtype", type == TensorType::f32 ? "F32" : "F16"},
                    {"shape", tensor.shape},
                    {"data_offsets", {begin, buffer.size()}}};
  }
  auto text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that numbers lie aligned
  const std::uint64_t length = text.size();
  std::ofstream file(path, std::ios::binary);
  file.write(std::bit_cast<std::array<char, 8>>(length).data(), 8);
  file << text << buffer;
  file.close();
  if (!file) throw StorageError("cannot write weights " + path.string());
}

}  // namespace punctum
