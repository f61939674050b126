#pragma once

#include <string_view>

/// Every SOP class and transfer syntax that Punctum speaks of, once, with the name the standard gives it (PS3.6 Annex
/// A); those of Storage Commitment stand in commitment.hpp.
namespace punctum::sop_class {

inline constexpr std::string_view verification = "1.2.840.10008.1.1";
inline constexpr std::string_view ct_image_storage = "1.2.840.10008.5.1.4.1.1.2";
inline constexpr std::string_view enhanced_ct_image_storage = "1.2.840.10008.5.1.4.1.1.2.1";
inline constexpr std::string_view grayscale_softcopy_presentation_state_storage = "1.2.840.10008.5.1.4.1.1.11.1";
inline constexpr std::string_view color_softcopy_presentation_state_storage = "1.2.840.10008.5.1.4.1.1.11.2";
inline constexpr std::string_view pseudo_color_softcopy_presentation_state_storage = "1.2.840.10008.5.1.4.1.1.11.3";
inline constexpr std::string_view segmentation_storage = "1.2.840.10008.5.1.4.1.1.66.4";
inline constexpr std::string_view enhanced_sr_storage = "1.2.840.10008.5.1.4.1.1.88.22";
inline constexpr std::string_view comprehensive_3d_sr_storage = "1.2.840.10008.5.1.4.1.1.88.34";

inline constexpr std::string_view rt_structure_set_storage = "1.2.840.10008.5.1.4.1.1.481.3";
inline constexpr std::string_view media_storage_directory = "1.2.840.10008.1.3.10";  ///< an index of files, no object

/// What the classes of a family begin with.
inline constexpr std::string_view presentation_states = "1.2.840.10008.5.1.4.1.1.11.";
inline constexpr std::string_view structured_reports = "1.2.840.10008.5.1.4.1.1.88.";

inline constexpr std::string_view patient_root_find = "1.2.840.10008.5.1.4.1.2.1.1";
inline constexpr std::string_view patient_root_move = "1.2.840.10008.5.1.4.1.2.1.2";
inline constexpr std::string_view patient_root_get = "1.2.840.10008.5.1.4.1.2.1.3";
inline constexpr std::string_view study_root_find = "1.2.840.10008.5.1.4.1.2.2.1";
inline constexpr std::string_view study_root_move = "1.2.840.10008.5.1.4.1.2.2.2";
inline constexpr std::string_view study_root_get = "1.2.840.10008.5.1.4.1.2.2.3";

}  // namespace punctum::sop_class

namespace punctum::transfer_syntax {

inline constexpr std::string_view implicit_vr_little_endian = "1.2.840.10008.1.2";
inline constexpr std::string_view explicit_vr_little_endian = "1.2.840.10008.1.2.1";
inline constexpr std::string_view deflated_explicit_vr_little_endian = "1.2.840.10008.1.2.1.99";
inline constexpr std::string_view explicit_vr_big_endian = "1.2.840.10008.1.2.2";
inline constexpr std::string_view rle_lossless = "1.2.840.10008.1.2.5";
inline constexpr std::string_view jpeg_lossless = "1.2.840.10008.1.2.4.57";
inline constexpr std::string_view jpeg_lossless_first_order = "1.2.840.10008.1.2.4.70";  ///< Selection Value 1
inline constexpr std::string_view jpeg_ls_lossless = "1.2.840.10008.1.2.4.80";
inline constexpr std::string_view jpeg_2000_lossless = "1.2.840.10008.1.2.4.90";
inline constexpr std::string_view jpeg_2000 = "1.2.840.10008.1.2.4.91";

/// Whether reading any of it means to inflate what stands before.
constexpr bool is_deflated(std::string_view uid) { return uid == deflated_explicit_vr_little_endian; }

/// Whether its Pixel Data stands in native form (PS3.5 8.2). One such syntax can be turned into another without loss.
constexpr bool is_uncompressed(std::string_view uid) {
  return uid == implicit_vr_little_endian || uid == explicit_vr_little_endian || uid == explicit_vr_big_endian ||
         is_deflated(uid);
}

}  // namespace punctum::transfer_syntax
