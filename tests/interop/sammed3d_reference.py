"""SAM-Med3D (vit_b_ori) in NumPy, written from its description: what our network with its weights is held against.

Axes are its own: images (x, y, z) in RAS, clicks as indices into that. Weights: {name: array}, in its naming.
"""

import numpy as np
from scipy.special import erf

HEADS_OF_DECODER = 8


def gelu(x):
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def layer_norm(x, w, name, epsilon):
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon) * w[name + ".weight"] + w[name + ".bias"]


def layer_norm_3d(x, w, name):  # [C, ...]
    return np.moveaxis(layer_norm(np.moveaxis(x, 0, -1), w, name, 1e-6), -1, 0)


def linear(x, w, name):
    return x @ w[name + ".weight"].T + w.get(name + ".bias", 0)


def patches(x, w, name):
    """A convolution whose stride is its kernel: [C, n k, n k, n k] -> [O, n, n, n]."""
    kernel = w[name + ".weight"]
    k, n = kernel.shape[2], x.shape[1] // kernel.shape[2]
    blocks = x.reshape(x.shape[0], n, k, n, k, n, k)
    return np.einsum("zaibjck,ozijk->oabc", blocks, kernel) + w[name + ".bias"].reshape(-1, 1, 1, 1)


def convolution_3(x, w, name):
    """3 x 3 x 3, zeros around, no bias."""
    kernel, n = w[name + ".weight"], x.shape[1]
    filled = np.pad(x, ((0, 0), (1, 1), (1, 1), (1, 1)))
    out = np.zeros((kernel.shape[0], n, n, n))
    for i in range(3):
        for j in range(3):
            for k in range(3):
                out += np.einsum("oc,cabd->oabd", kernel[:, :, i, j, k], filled[:, i : i + n, j : j + n, k : k + n])
    return out


def doubled(x, w, name):
    """A transposed convolution of kernel and stride 2."""
    n = x.shape[1]
    out = np.einsum("cabd,coijk->oaibjdk", x, w[name + ".weight"])
    return out.reshape(out.shape[0], 2 * n, 2 * n, 2 * n) + w[name + ".bias"].reshape(-1, 1, 1, 1)


def mlp(x, w, name, layers):
    for i in range(layers):
        x = linear(x, w, f"{name}.layers.{i}")
        if i + 1 < layers:
            x = np.maximum(x, 0)
    return x


def cube_attention(x, w, name, heads):  # [S, S, S, W]
    s, width = x.shape[0], x.shape[3]
    n, head = s**3, width // heads
    q, k, v = linear(x.reshape(n, width), w, name + ".qkv").reshape(n, 3, heads, head).transpose(1, 2, 0, 3)
    scores = np.einsum("hnc,hmc->hnm", q / np.sqrt(head), k).reshape(heads, s, s, s, s, s, s)
    cube = q.reshape(heads, s, s, s, head)
    at = np.arange(s)[:, None] - np.arange(s)[None, :] + s - 1
    tables = [w[f"{name}.rel_pos_{axis}"][at] for axis in "dhw"]
    scores = scores + np.einsum("hxyzc,xkc->hxyzk", cube, tables[0])[..., :, None, None]
    scores = scores + np.einsum("hxyzc,ykc->hxyzk", cube, tables[1])[..., None, :, None]
    scores = scores + np.einsum("hxyzc,zkc->hxyzk", cube, tables[2])[..., None, None, :]
    mixed = softmax(scores.reshape(heads, n, n)) @ v
    return linear(mixed.transpose(1, 0, 2).reshape(n, width), w, name + ".proj").reshape(x.shape)


def in_windows(x, side, attend):
    grid = x.shape[0]
    spare = -grid % side
    filled = np.pad(x, ((0, spare), (0, spare), (0, spare), (0, 0)))  # attended to like the rest
    out = np.empty_like(filled)
    for i in range(0, filled.shape[0], side):
        for j in range(0, filled.shape[0], side):
            for k in range(0, filled.shape[0], side):
                window = np.s_[i : i + side, j : j + side, k : k + side]
                out[window] = attend(filled[window])
    return out[:grid, :grid, :grid]


def encoded(image, w, heads):
    """[1, S, S, S] -> [C, G, G, G]"""
    name = "image_encoder."
    x = np.moveaxis(patches(image, w, name + "patch_embed.proj"), 0, -1) + w[name + "pos_embed"][0]
    grid = x.shape[0]
    for i in range(sum(key.startswith(name + "blocks.") and key.endswith("norm1.weight") for key in w)):
        block = f"{name}blocks.{i}"
        side = (w[block + ".attn.rel_pos_d"].shape[0] + 1) // 2
        normed = layer_norm(x, w, block + ".norm1", 1e-6)
        attend = lambda cube: cube_attention(cube, w, block + ".attn", heads)
        x = x + (attend(normed) if side == grid else in_windows(normed, side, attend))
        inner = gelu(linear(layer_norm(x, w, block + ".norm2", 1e-6), w, block + ".mlp.lin1"))
        x = x + linear(inner, w, block + ".mlp.lin2")
    x = np.einsum("oc,abdc->oabd", w[name + "neck.0.weight"][:, :, 0, 0, 0], x)
    x = convolution_3(layer_norm_3d(x, w, name + "neck.1"), w, name + "neck.2")
    return layer_norm_3d(x, w, name + "neck.3")


def positions(unit, w):
    phase = 2 * np.pi * ((2 * unit - 1) @ w["prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"])
    return np.concatenate([np.sin(phase), np.cos(phase), np.sin(phase)], axis=-1)


def grid_positions(grid, w):
    at = (np.arange(grid) + 0.5) / grid
    first, second, third = np.meshgrid(at, at, at, indexing="ij")
    return positions(np.stack([second, first, third], axis=-1), w)  # as it is: the first two axes change places


def point_tokens(clicks, size, w):
    name = "prompt_encoder."
    rows = []
    for place, label in clicks:
        rows.append(positions((np.array(place) + 0.5) / size, w) + w[f"{name}point_embeddings.{label}.weight"][0])
    rows.append(w[name + "not_a_point_embed.weight"][0])
    return np.stack(rows)


def dense_prompt(mask, w):
    name = "prompt_encoder.mask_downscaling."
    x = gelu(layer_norm_3d(patches(mask[None], w, name + "0"), w, name + "1"))
    x = gelu(layer_norm_3d(patches(x, w, name + "3"), w, name + "4"))
    return patches(x, w, name + "6")


def attention(q, k, v, w, name):
    q, k, v = (linear(x, w, f"{name}.{part}_proj") for x, part in ((q, "q"), (k, "k"), (v, "v")))
    split = lambda x: x.reshape(len(x), HEADS_OF_DECODER, -1).transpose(1, 0, 2)
    q, k, v = split(q), split(k), split(v)
    mixed = softmax(q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[2])) @ v
    return linear(mixed.transpose(1, 0, 2).reshape(mixed.shape[1], -1), w, name + ".out_proj")


def two_way(tokens, image, places, w):
    name = "mask_decoder.transformer."
    queries, keys = tokens, image
    norm = lambda x, which: layer_norm(x, w, which, 1e-5)
    for i in range(sum(key.startswith(name + "layers.") and key.endswith("norm1.weight") for key in w)):
        layer = f"{name}layers.{i}."
        if i == 0:
            queries = attention(queries, queries, queries, w, layer + "self_attn")
        else:
            queries = queries + attention(queries + tokens, queries + tokens, queries, w, layer + "self_attn")
        queries = norm(queries, layer + "norm1")
        looked = attention(queries + tokens, keys + places, keys, w, layer + "cross_attn_token_to_image")
        queries = norm(queries + looked, layer + "norm2")
        inner = np.maximum(linear(queries, w, layer + "mlp.lin1"), 0)
        queries = norm(queries + linear(inner, w, layer + "mlp.lin2"), layer + "norm3")
        seen = attention(keys + places, queries + tokens, queries, w, layer + "cross_attn_image_to_token")
        keys = norm(keys + seen, layer + "norm4")
    looked = attention(queries + tokens, keys + places, keys, w, name + "final_attn_token_to_image")
    return norm(queries + looked, name + "norm_final_attn"), keys


def decoded(image, mask, clicks, size, w):
    """image: [C, G, G, G], mask: [4 G, 4 G, 4 G] -> logits of the first mask, [4 G, 4 G, 4 G]."""
    name = "mask_decoder."
    channels, grid = image.shape[0], image.shape[1]
    own = np.concatenate([w[name + "iou_token.weight"], w[name + "mask_tokens.weight"]])
    tokens = np.concatenate([own, point_tokens(clicks, size, w)])
    keys = (image + dense_prompt(mask, w)).reshape(channels, -1).T
    z, z_image = two_way(tokens, keys, grid_positions(grid, w).reshape(-1, channels), w)
    cube = z_image.T.reshape(channels, grid, grid, grid)
    up = gelu(layer_norm_3d(doubled(cube, w, name + "output_upscaling.0"), w, name + "output_upscaling.1"))
    features = gelu(doubled(up, w, name + "output_upscaling.3"))
    weights = mlp(z[1], w, name + "output_hypernetworks_mlps.0", 3)
    return np.einsum("c,cabd->abd", weights, features)


def enlarged(x, size):
    """Trilinear, as torch does it without align_corners."""
    n = x.shape[0]
    at = np.clip((np.arange(size) + 0.5) * n / size - 0.5, 0, None)
    low = np.minimum(at.astype(int), n - 1)
    high, share = np.minimum(low + 1, n - 1), at - low
    matrix = np.zeros((size, n))
    np.add.at(matrix, (np.arange(size), low), 1 - share)
    np.add.at(matrix, (np.arange(size), high), share)
    return np.einsum("ai,bj,ck,ijk->abc", matrix, matrix, matrix, x, optimize=True)


def normalized(hu):
    hu = np.clip(hu, -1000, 1000)
    dense = hu[hu > 0]
    return (hu - dense.mean()) / dense.std(ddof=1)


def answers(hu, clicks, w, heads):
    """After every click, all of them so far being told: logits as large as the crop. clicks: [((x, y, z), label)]"""
    size = hu.shape[0]
    image = encoded(normalized(hu)[None], w, heads)
    mask, found = np.zeros((size // 4,) * 3), []
    for count in range(1, len(clicks) + 1):
        mask = decoded(image, mask, clicks[:count], size, w)
        found.append(enlarged(mask, size))
    return found
