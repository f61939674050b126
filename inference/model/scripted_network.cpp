#include "inference/model/scripted_network.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>

#include "dicom/types/error.hpp"

namespace punctum::network {
namespace {

/// What Torch throws carries a trace of its own sources; the first line says what happened.
std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

[[noreturn]] void refuse(const char* method, const std::string& what) {
  throw ModelError("the TorchScript program failed: " + std::string(method) + ": " + what);
}

template <class Call>
c10::IValue called(const char* method, Call call) {
  try {
    return call();
  } catch (const std::exception& error) {
    refuse(method, first_line(error));
  }
}

/// As 32-bit floats. @throws ModelError for another shape, for whole numbers, and for what is not finite.
torch::Tensor checked(const char* what, const torch::Tensor& found, const std::vector<std::int64_t>& wanted) {
  const bool fits = found.defined() && found.sizes() == c10::IntArrayRef(wanted) && found.is_floating_point();
  if (fits && found.isfinite().all().item<bool>()) return found.to(torch::kFloat);
  std::ostringstream text;
  text << what << " are " << (found.defined() ? "of shape " : "missing");
  if (found.defined()) text << found.sizes() << " and type " << found.scalar_type();
  text << ", expected finite floating-point numbers of shape " << c10::IntArrayRef(wanted);
  refuse("decode", text.str());
}

}  // namespace

ScriptedNetwork::ScriptedNetwork(const std::filesystem::path& program, const Digest& digest, ScriptContract contract,
                                 torch::Device device)
    : contract_(std::move(contract)) {
  contract_.check();
  std::ifstream file(program, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  if (sha256(bytes.view()) != digest) {
    throw ModelError("cannot run TorchScript program " + program.string() + ": its digest is not the manifest's");
  }
  try {
    program_ = torch::jit::load(bytes, device);
    program_.eval();
  } catch (const std::exception& error) {
    throw ModelError("cannot read TorchScript program " + program.string() + ": " + first_line(error));
  }
  for (const char* method : {"encode", "decode"}) {
    if (program_.find_method(method)) continue;
    throw ModelError("cannot use TorchScript program " + program.string() + ": it has no method " + method);
  }
}

Embedding ScriptedNetwork::encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) {
  const auto kept = called("encode", [&] { return program_.get_method("encode")({image}); });
  if (!kept.isTensorList()) refuse("encode", "it gave no list of tensors");
  return {image, spacing_mm, {}, kept.toTensorVector()};
}

Prediction ScriptedNetwork::decode(const Embedding& embedding, const PromptPoints& points,
                                   const torch::Tensor& previous) {
  const std::int64_t batch = embedding.image.size(0), side = contract_.crop;
  const auto nothing = [&] { return torch::zeros({batch, 1, side, side, side}, embedding.image.options()); };
  const auto mask = previous.defined() ? previous : nothing();
  const auto answer = called(
      "decode", [&] { return program_.get_method("decode")({embedding.scripted, points.place, points.kind, mask}); });
  if (!answer.isTuple() || answer.toTupleRef().elements().size() != 3) refuse("decode", "it gave no tuple of three");
  std::vector<torch::Tensor> parts;
  for (const auto& part : answer.toTupleRef().elements()) {
    if (!part.isTensor()) refuse("decode", "it gave something else than tensors");
    parts.push_back(part.toTensor());
  }
  const auto labels = std::accumulate(contract_.attribute_groups.begin(), contract_.attribute_groups.end(), 0);
  const auto mask_logits = checked("logits of the mask", parts[0], {batch, 1, side, side, side});
  const auto estimates = parts[1].dim() == 2 ? std::max<std::int64_t>(1, parts[1].size(1)) : 1;
  const auto quality = checked("logits of its quality", parts[1], {batch, estimates});
  return {mask_logits, mask_logits, quality, checked("logits of the attributes", parts[2], {batch, labels}),
          mask_logits};
}

}  // namespace punctum::network
