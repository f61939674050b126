#pragma once

#include <array>

#include "inference/model/region_numbers.hpp"

namespace punctum::network {

/// Mean and standard deviation of each number over 400 lesions of training phantoms, a fifth of them at 3 mm, a third
/// marked as they are, the others with errors (flawed_mask); of what the network itself is sure of, by eye.
inline constexpr std::array<std::array<float, 2>, region_number_count> region_number_scales{{
    {0.097F, 0.48F},  {0.13F, 0.64F},   {0.1F, 0.74F},   {-0.057F, 0.92F},  {-0.15F, 1.0F},  {-0.22F, 1.1F},
    {-0.31F, 1.1F},   {0.23F, 0.47F},   {0.36F, 0.63F},  {0.52F, 0.69F},    {0.74F, 0.97F},  {0.86F, 1.1F},
    {1.0F, 1.2F},     {1.3F, 1.4F},     {0.087F, 0.13F}, {0.13F, 0.15F},    {0.19F, 0.19F},  {0.17F, 0.16F},
    {0.15F, 0.13F},   {0.15F, 0.13F},   {0.16F, 0.14F},  {0.025F, 0.29F},   {0.044F, 0.34F}, {0.02F, 0.37F},
    {-0.047F, 0.35F}, {-0.083F, 0.36F}, {-0.12F, 0.35F}, {-0.16F, 0.34F},   {0.48F, 0.5F},   {0.68F, 0.42F},
    {0.91F, 0.27F},   {1.0F, 0.19F},    {1.1F, 0.15F},   {1.2F, 0.12F},     {1.3F, 0.091F},  {0.81F, 1.4F},
    {0.42F, 0.8F},    {0.07F, 2.0F},    {0.28F, 1.2F},   {0.39F, 0.68F},    {0.25F, 0.91F},  {0.18F, 0.75F},
    {0.11F, 0.35F},   {0.19F, 0.24F},   {0.083F, 0.23F}, {0.032F, 0.093F},  {0.25F, 0.27F},  {0.1F, 0.23F},
    {0.021F, 0.055F}, {1.0F, 0.41F},    {1.2F, 0.38F},   {1.3F, 0.38F},     {1.8F, 0.51F},   {0.8F, 0.17F},
    {0.81F, 0.16F},   {0.95F, 0.73F},   {0.2F, 0.4F},    {0.0033F, 0.013F}, {0.7F, 0.2F},    {0.95F, 0.1F},
    {0.16F, 0.023F},  {0.16F, 0.03F},   {0.12F, 0.078F}, {0.18F, 0.062F},   {0.17F, 0.049F}, {0.14F, 0.043F},
    {0.15F, 0.034F},  {0.26F, 1.2F},    {0.22F, 0.023F}, {0.23F, 0.031F},   {0.16F, 0.089F}, {0.22F, 0.051F},
    {0.22F, 0.042F},  {0.2F, 0.043F},   {0.21F, 0.037F}, {-0.77F, 1.4F},
}};

}  // namespace punctum::network
