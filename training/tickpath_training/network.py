"""The reference network, its baselines, and quantization-aware training."""

import numpy as np
import torch
from torch import nn

WIDTHS = (40, 64, 32, 3)
WEIGHT_MAX = 63
"""7-bit weights: a pair of products u8 x s8 stays below 2^15, so CPUs whose int8 kernels saturate at 16 bits agree too."""


class FakeQuantize(torch.autograd.Function):
    """round(x / scale) * scale within bounds; the gradient passes where the value is inside (Bengio et al. 2013)."""

    @staticmethod
    def forward(ctx, x, scale, low, high):
        steps = torch.round(x / scale)
        ctx.save_for_backward((steps >= low) & (steps <= high))
        return torch.clamp(steps, low, high) * scale

    @staticmethod
    def backward(ctx, gradient):
        (inside,) = ctx.saved_tensors
        return gradient * inside, None, None, None


class Mlp(nn.Module):
    """40-64-32-3 with ReLU. With `ranges` set it computes as the int8 model will, up to the rounding of biases."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(WIDTHS, WIDTHS[1:]))
        self.ranges: list[tuple[float, int]] | None = None
        """(scale, zero point) of the uint8 value at the input and after each layer."""

    def start_from(self, linear: nn.Linear) -> None:
        """Begins as the logistic regression `linear`: three pairs of units carry each logit's positive and negative part.

        From a random start the validation loss varied by 0.05 with the seed on this little data; from here training can
        only add to what the linear model knows, and early stopping keeps it no worse.
        """
        first, second, third = self.layers
        pairs = 2 * WIDTHS[-1]
        with torch.no_grad():
            first.weight[:pairs] = torch.cat([linear.weight, -linear.weight])
            first.bias[:pairs] = torch.cat([linear.bias, -linear.bias])
            second.weight[:pairs] = torch.eye(WIDTHS[1])[:pairs]
            second.bias[:pairs] = 0.0
            third.weight *= 0.1
            third.weight[:, :pairs] = torch.cat([torch.eye(WIDTHS[-1]), -torch.eye(WIDTHS[-1])], dim=1)
            third.bias[:] = 0.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value = self.quantize(x, 0)
        for index, layer in enumerate(self.layers):
            weight = layer.weight
            if self.ranges is not None:
                weight = FakeQuantize.apply(weight, weight_scale(weight.detach()), -WEIGHT_MAX, WEIGHT_MAX)
            value = nn.functional.linear(value, weight, layer.bias)
            if index < len(self.layers) - 1:
                value = self.quantize(torch.relu(value), index + 1)
        return self.quantize(value, len(self.layers))

    def quantize(self, value: torch.Tensor, index: int) -> torch.Tensor:
        if self.ranges is None:
            return value
        scale, zero = self.ranges[index]
        return FakeQuantize.apply(value, scale, -zero, 255 - zero)

    def activations(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The float values to be quantized: after each layer."""
        values, value = [], x
        for index, layer in enumerate(self.layers):
            value = layer(value)
            if index < len(self.layers) - 1:
                value = torch.relu(value)
            values.append(value)
        return values


def weight_scale(weight: torch.Tensor) -> torch.Tensor:
    """One scale for each output, symmetric."""
    return torch.clamp(weight.abs().amax(dim=1, keepdim=True) / WEIGHT_MAX, min=1e-8)


def calibrate(model: Mlp, x: torch.Tensor, clamp: float) -> None:
    """Fixes the uint8 ranges from data: the input's from the clamp, hidden ones by a high quantile, the output's symmetric."""
    model.eval()
    with torch.no_grad():
        hidden = model.activations(x)
    ranges = [(clamp / 127, 128)]
    for value in hidden[:-1]:
        ranges.append((max(float(np.quantile(value.numpy(), 0.9999)), 1e-3) / 255, 0))
    ranges.append((float(np.quantile(hidden[-1].abs().numpy(), 0.9999)) / 127, 128))
    model.ranges = [(float(np.float32(scale)), zero) for scale, zero in ranges]


def fit(model: nn.Module, data: dict, *, epochs: int, rate: float, decay: float, patience: int, noise: float, seed: int, batch: int = 1024) -> list[float]:
    """AdamW with early stopping on the validation log loss; leaves the best weights in place and returns the loss after
    each epoch.

    `data`: tensors x, label, weight, x_validation, label_validation, weight_validation. Each batch is used as it is and in
    its mirror image (`permutation`, `sign`), with Gaussian noise of `noise` standard deviations on the inputs.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    history, best, best_state, since = [], float("inf"), None, 0
    count = len(data["x"])
    for _ in range(epochs):
        model.train()
        for part in torch.randperm(count, generator=generator).split(batch):
            x, label, weight = data["x"][part], data["label"][part], data["weight"][part]
            x = torch.cat([x, x[:, data["permutation"]] * data["sign"]])
            x = x + noise * torch.randn(x.shape, generator=generator)
            label = torch.cat([label, 2 - label])
            loss = nn.functional.cross_entropy(model(x), label, reduction="none")
            loss = (loss * weight.repeat(2)).sum() / (2 * weight.sum())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            losses = nn.functional.cross_entropy(model(data["x_validation"]), data["label_validation"], reduction="none")
            validation = float((losses * data["weight_validation"]).sum() / data["weight_validation"].sum())
        history.append(validation)
        if validation < best:
            best, since = validation, 0
            best_state = {name: value.clone() for name, value in model.state_dict().items()}
        else:
            since += 1
            if since >= patience:
                break
    model.load_state_dict(best_state)
    model.eval()
    return history
