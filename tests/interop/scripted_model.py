"""A network made, scripted and saved in Python, as a researcher would, by the contract in inference/model/scripted_network.hpp.

    scripted_model.py PROGRAM CROP Z,Y,X,LABEL...

Writes PROGRAM (TorchScript), then the mask's logits that it gives in Python after every click, 32-bit floats. CROP: HU as
32-bit floats, a cube of 32 voxels. Runs with the PyTorch that Debian ships.
"""

import sys
from typing import List, Tuple

import torch
from torch import Tensor, nn

SIDE = 32


class ClickedNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv3d(2, 8, 3, padding=1), nn.GELU(), nn.Conv3d(8, 8, 3, padding=1))
        self.seen = nn.Conv3d(10, 1, 3, padding=1)
        self.heads = nn.Linear(8, 13)

    @torch.jit.export
    def encode(self, x: Tensor) -> List[Tensor]:
        return [self.features(x)]

    @torch.jit.export
    def decode(self, kept: List[Tensor], points: Tensor, labels: Tensor, previous: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        features = kept[0]
        n = features.size(2)
        at = torch.arange(n, dtype=torch.float32)
        near = torch.zeros_like(previous)
        for i in range(points.size(1)):
            z = (at - points[0, i, 0]).view(n, 1, 1)
            y = (at - points[0, i, 1]).view(1, n, 1)
            x = (at - points[0, i, 2]).view(1, 1, n)
            sign = 1.0 if bool(labels[0, i] == 1) else -1.0
            near = near + sign * torch.exp(-(z * z + y * y + x * x) / 50)
        logits = self.seen(torch.cat([features, near, previous], dim=1)) + 4 * near - 1
        return logits, torch.zeros(1, 1), self.heads(features.mean(dim=[2, 3, 4]))


def main(program, crop, *clicks):
    torch.set_num_threads(1)
    torch.manual_seed(5)
    network = ClickedNetwork().eval()
    torch.jit.script(network).save(program)
    hu = torch.frombuffer(bytearray(open(crop, "rb").read()), dtype=torch.float32).reshape(1, SIDE, SIDE, SIDE)
    image = torch.stack([hu.clamp(-1000, 1000) / 500, (hu.clamp(-160, 240) - 40) / 200], dim=1)
    told = torch.tensor([[float(v) for v in click.split(",")] for click in clicks])[None]
    with torch.inference_mode():
        kept, previous = network.encode(image), torch.zeros(1, 1, SIDE, SIDE, SIDE)
        for count in range(1, len(clicks) + 1):
            previous = network.decode(kept, told[:, :count, :3], told[:, :count, 3].long(), previous)[0]
            sys.stdout.buffer.write(bytes(previous.contiguous().view(torch.uint8).flatten().tolist()))


if __name__ == "__main__":
    main(*sys.argv[1:])
