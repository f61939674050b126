"""SAM-Med3D (vit_b_ori) in PyTorch, written from its description: what our network with its weights is held against.

    sammed3d_reference.py WEIGHTS CROP HEADS X,Y,Z,LABEL...

WEIGHTS: safetensors under its own names, all of which must be there and no others. CROP: HU, 64-bit floats, a cube. Axes are
its own: (x, y, z) in RAS. Writes the mask's logits after every click, all so far being told, as 64-bit floats. Runs with the
PyTorch that Debian ships.
"""

import json
import struct
import sys

import torch
from torch import nn
from torch.nn import functional as F

HEADS_OF_DECODER = 8


class LayerNorm3d(nn.LayerNorm):
    """Over the channels of [B, C, ...]."""

    def __init__(self, channels):
        super().__init__(channels, eps=1e-6)

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class TwoLayers(nn.Module):
    def __init__(self, width, inner, between):
        super().__init__()
        self.lin1, self.lin2, self.between = nn.Linear(width, inner), nn.Linear(inner, width), between

    def forward(self, x):
        return self.lin2(self.between(self.lin1(x)))


class Layers(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


class CubeAttention(nn.Module):
    """Of all voxels of [B, S, S, S, W] among each other, with tables of relative positions along each axis."""

    def __init__(self, width, heads, side):
        super().__init__()
        self.heads, self.head = heads, width // heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        for axis in "dhw":
            setattr(self, f"rel_pos_{axis}", nn.Parameter(torch.zeros(2 * side - 1, self.head)))

    def forward(self, x):
        batch, side = x.shape[:2]
        qkv = self.qkv(x).reshape(batch, side**3, 3, self.heads, self.head).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)  # [B, H, S^3, head]
        at = torch.arange(side)[:, None] - torch.arange(side) + side - 1
        cube = q.unflatten(2, (side, side, side))
        bias = torch.einsum("bhxyzc,xkc->bhxyzk", cube, self.rel_pos_d[at])[..., :, None, None]
        bias = bias + torch.einsum("bhxyzc,ykc->bhxyzk", cube, self.rel_pos_h[at])[..., None, :, None]
        bias = bias + torch.einsum("bhxyzc,zkc->bhxyzk", cube, self.rel_pos_w[at])[..., None, None, :]
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.reshape(batch, self.heads, side**3, side**3))
        return self.proj(mixed.transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self, width, heads, side, grid):
        super().__init__()
        self.side, self.grid = side, grid
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attn = CubeAttention(width, heads, side)
        self.mlp = TwoLayers(width, 4 * width, F.gelu)

    def attend(self, x):
        """In windows, which are filled up with zeros that are attended to like the rest."""
        side, grid = self.side, self.grid
        n = -(-grid // side)
        x = F.pad(x, (0, 0) + 3 * (0, n * side - grid))
        windows = x.unflatten(1, (n, side)).unflatten(3, (n, side)).unflatten(5, (n, side)).permute(0, 1, 3, 5, 2, 4, 6, 7)
        out = self.attn(windows.flatten(0, 3)).unflatten(0, (-1, n, n, n)).permute(0, 1, 4, 2, 5, 3, 6, 7)
        return out.flatten(5, 6).flatten(3, 4).flatten(1, 2)[:, :grid, :grid, :grid]

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ImageEncoder(nn.Module):
    def __init__(self, width, heads, sides, patch, grid, channels):
        super().__init__()
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv3d(1, width, patch, stride=patch)})
        self.pos_embed = nn.Parameter(torch.zeros(1, grid, grid, grid, width))
        self.blocks = nn.ModuleList(Block(width, heads, side, grid) for side in sides)
        self.neck = nn.Sequential(
            nn.Conv3d(width, channels, 1, bias=False),
            LayerNorm3d(channels),
            nn.Conv3d(channels, channels, 3, padding=1, bias=False),
            LayerNorm3d(channels),
        )

    def forward(self, image):
        x = self.patch_embed["proj"](image).movedim(1, -1) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.neck(x.movedim(-1, 1))


class RandomPositions(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", torch.zeros(3, channels // 3))

    def forward(self, unit):
        phase = 2 * torch.pi * ((2 * unit - 1) @ self.positional_encoding_gaussian_matrix)
        return torch.cat([phase.sin(), phase.cos(), phase.sin()], dim=-1)

    def of_grid(self, grid):
        at = (torch.arange(grid) + 0.5) / grid
        first, second, third = torch.meshgrid(at, at, at, indexing="ij")
        return self(torch.stack([second, first, third], dim=-1))  # as it is: two axes change places


class PromptEncoder(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.pe_layer = RandomPositions(channels)
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, channels) for _ in range(2))
        self.not_a_point_embed, self.no_mask_embed = nn.Embedding(1, channels), nn.Embedding(1, channels)
        self.mask_downscaling = nn.Sequential(
            nn.Conv3d(1, 4, 2, stride=2), LayerNorm3d(4), nn.GELU(),
            nn.Conv3d(4, 16, 2, stride=2), LayerNorm3d(16), nn.GELU(),
            nn.Conv3d(16, channels, 1),
        )

    def tokens(self, clicks, size):
        rows = []
        for place, label in clicks:
            rows.append(self.pe_layer((torch.tensor(place) + 0.5) / size) + self.point_embeddings[label].weight[0])
        return torch.stack([*rows, self.not_a_point_embed.weight[0]])


class Attention(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.q_proj, self.k_proj = nn.Linear(channels, inner), nn.Linear(channels, inner)
        self.v_proj, self.out_proj = nn.Linear(channels, inner), nn.Linear(inner, channels)

    def forward(self, q, k, v):
        split = lambda x: x.unflatten(-1, (HEADS_OF_DECODER, -1)).transpose(0, 1)
        mixed = F.scaled_dot_product_attention(split(self.q_proj(q)), split(self.k_proj(k)), split(self.v_proj(v)))
        return self.out_proj(mixed.transpose(0, 1).flatten(1))


class TwoWayBlock(nn.Module):
    def __init__(self, channels, inner, first):
        super().__init__()
        self.first = first
        self.self_attn = Attention(channels, channels)
        self.cross_attn_token_to_image = Attention(channels, channels // 2)
        self.cross_attn_image_to_token = Attention(channels, channels // 2)
        self.norm1, self.norm2, self.norm3, self.norm4 = (nn.LayerNorm(channels) for _ in range(4))
        self.mlp = TwoLayers(channels, inner, F.relu)

    def forward(self, z, image, tokens, places):
        if self.first:
            z = self.self_attn(z, z, z)
        else:
            z = z + self.self_attn(z + tokens, z + tokens, z)
        z = self.norm1(z)
        z = self.norm2(z + self.cross_attn_token_to_image(z + tokens, image + places, image))
        z = self.norm3(z + self.mlp(z))
        return z, self.norm4(image + self.cross_attn_image_to_token(image + places, z + tokens, z))


class TwoWay(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.layers = nn.ModuleList(TwoWayBlock(channels, inner, first=i == 0) for i in range(2))
        self.final_attn_token_to_image = Attention(channels, channels // 2)
        self.norm_final_attn = nn.LayerNorm(channels)

    def forward(self, tokens, image, places):
        z = tokens
        for layer in self.layers:
            z, image = layer(z, image, tokens, places)
        z = z + self.final_attn_token_to_image(z + tokens, image + places, image)
        return self.norm_final_attn(z), image


class MaskDecoder(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.iou_token, self.mask_tokens = nn.Embedding(1, channels), nn.Embedding(4, channels)
        self.transformer = TwoWay(channels, inner)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose3d(channels, channels // 4, 2, stride=2), LayerNorm3d(channels // 4), nn.GELU(),
            nn.ConvTranspose3d(channels // 4, channels // 8, 2, stride=2), nn.GELU(),
        )
        self.output_hypernetworks_mlps = nn.ModuleList(
            Layers(channels, channels, channels, channels // 8) for _ in range(4)
        )
        self.iou_prediction_head = Layers(channels, 256, 256, 4)

    def forward(self, image, clicks, places):
        """image: [1, C, G, G, G] -> logits of the first mask, [4 G, 4 G, 4 G]."""
        tokens = torch.cat([self.iou_token.weight, self.mask_tokens.weight, clicks])
        z, seen = self.transformer(tokens, image[0].flatten(1).T, places.flatten(0, 2))
        features = self.output_upscaling(seen.T.reshape(image.shape))
        return torch.einsum("c,cxyz->xyz", self.output_hypernetworks_mlps[0](z[1]), features[0])


class SamMed3d(nn.Module):
    def __init__(self, weights, heads):
        super().__init__()
        width, patch = weights["image_encoder.patch_embed.proj.weight"].shape[::4]
        grid, channels = weights["image_encoder.pos_embed"].shape[1], weights["mask_decoder.iou_token.weight"].shape[1]
        tables = [v for name, v in weights.items() if name.endswith("rel_pos_d")]
        inner = weights["mask_decoder.transformer.layers.0.mlp.lin1.weight"].shape[0]
        sides = [(len(table) + 1) // 2 for table in tables]
        self.image_encoder = ImageEncoder(width, heads, sides, patch, grid, channels)
        self.prompt_encoder = PromptEncoder(channels)
        self.mask_decoder = MaskDecoder(channels, inner)
        self.load_state_dict(weights, strict=True)

    def answers(self, hu, clicks):
        hu = hu.clamp(-1000, 1000)
        dense = hu[hu > 0]
        image = self.image_encoder(((hu - dense.mean()) / dense.std())[None, None])
        size, grid = hu.shape[0], image.shape[-1]
        mask = torch.zeros(3 * (4 * grid,))
        for count in range(1, len(clicks) + 1):
            seen = image + self.prompt_encoder.mask_downscaling(mask[None, None])
            tokens = self.prompt_encoder.tokens(clicks[:count], size)
            mask = self.mask_decoder(seen, tokens, self.prompt_encoder.pe_layer.of_grid(grid))
            yield F.interpolate(mask[None, None], size=hu.shape, mode="trilinear")[0, 0]


def read_safetensors(path):
    raw = open(path, "rb").read()
    (length,) = struct.unpack_from("<Q", raw)
    tensors = {}
    for name, entry in json.loads(raw[8 : 8 + length]).items():
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(bytearray(raw[8 + length + begin : 8 + length + end]), dtype=torch.float32)
        tensors[name] = values.reshape(entry["shape"]).double()
    return tensors


def main(weights, crop, heads, *clicks):
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    network = SamMed3d(read_safetensors(weights), int(heads))
    values = torch.frombuffer(bytearray(open(crop, "rb").read()), dtype=torch.float64)
    side = round(len(values) ** (1 / 3))
    told = [([float(v) for v in click.split(",")[:3]], int(click.split(",")[3])) for click in clicks]
    with torch.inference_mode():
        for answer in network.answers(values.reshape(side, side, side), told):
            sys.stdout.buffer.write(bytes(answer.contiguous().view(torch.uint8).flatten().tolist()))


if __name__ == "__main__":
    main(*sys.argv[1:])
