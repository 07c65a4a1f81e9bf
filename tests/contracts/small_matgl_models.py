"""Small M3GNet and TensorNet with random weights, made and saved by matgl itself: tests that need no download."""

from __future__ import annotations

import re

import matgl
import numpy as np
import torch
from ase.data import chemical_symbols
from matgl.apps.pes import Potential
from matgl.models import M3GNet, TensorNet

ELEMENTS = tuple(chemical_symbols[1:36])
# Fresh networks say next to nothing. Larger weights make them respond, the scale gives forces of some 0.1 eV/Å; much
# more of either, and their energy surface is too rough for float32.
WEIGHT_GAIN = 2.0
ENERGY_SCALE = {"m3gnet": 10.0, "tensornet": 1.0}
CUTOFF = 5.0


def small_network(family: str) -> torch.nn.Module:
    torch.manual_seed(7)
    common = {"element_types": ELEMENTS, "is_intensive": False, "cutoff": CUTOFF, "units": 16, "nblocks": 2}
    common |= {"rbf_type": "SphericalBessel", "use_smooth": True, "max_n": 3, "max_l": 3}
    if family == "tensornet":
        return TensorNet(num_rbf=8, **common)
    return M3GNet(dim_node_embedding=16, dim_edge_embedding=16, threebody_cutoff=4.0, **common)


def small_potential(family: str) -> Potential:
    references = np.linspace(-3.0, -1.0, len(ELEMENTS)).astype(matgl.float_np)
    network = small_network(family)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.dim() > 1:
                weight *= WEIGHT_GAIN
    return Potential(network, data_std=ENERGY_SCALE[family], element_refs=references)


def exchange_ends_of_bonds(state: dict[str, torch.Tensor], family: str) -> dict[str, torch.Tensor]:
    """Return the weights as a matgl from before the change of its edges would have stored them."""
    changed = dict(state)
    for name, weight in state.items():
        if family == "tensornet" and name.endswith("tensor_embedding.emb2.weight"):
            changed[name] = torch.cat(weight.chunk(2, dim=1)[::-1], dim=1)
        elif family == "m3gnet" and re.search(r"graph_layers.*_update_func\.(layers|gates)\.0\.weight$", name):
            changed[name] = _first_two_exchanged(weight)
    return changed


def _first_two_exchanged(weight: torch.Tensor) -> torch.Tensor:
    width = weight.shape[1] // 3  # source atom, destination atom, bond
    return torch.cat([weight[:, width : 2 * width], weight[:, :width], weight[:, 2 * width :]], dim=1)
