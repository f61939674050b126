#include "sr/content_item.hpp"

#include <algorithm>

namespace punctum {

ContentItem& ContentItem::add(std::string_view how, CodedConcept concept_name, Content what) {
  children.push_back({std::string(how), std::move(concept_name), std::move(what), {}});
  return children.back();
}

const ContentItem* ContentItem::child(const CodedConcept& concept_name) const {
  const auto found =
      std::find_if(children.begin(), children.end(), [&](const auto& item) { return item.name == concept_name; });
  return found == children.end() ? nullptr : &*found;
}

}  // namespace punctum
