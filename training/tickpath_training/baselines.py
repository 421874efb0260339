"""What the network is compared with."""

import numpy as np
import torch


def majority(train: dict[str, np.ndarray]):
    frequency = np.bincount(train["label"], weights=train["weight"], minlength=3) / train["weight"].sum()
    return lambda x: np.tile(np.log(frequency).astype(np.float32), (len(x), 1))


def logistic(tensors: dict, columns: list[int]) -> torch.nn.Linear:
    """Multinomial logistic regression on some of the features, mirrored like the network's data."""
    model = torch.nn.Linear(len(columns), 3)
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.zeros_(model.bias)
    mirrored = tensors["x"][:, tensors["permutation"]] * tensors["sign"]
    x = torch.cat([tensors["x"], mirrored])[:, columns]
    label = torch.cat([tensors["label"], 2 - tensors["label"]])
    weight = tensors["weight"].repeat(2)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (torch.nn.functional.cross_entropy(model(x), label, reduction="none") * weight).sum() / weight.sum()
        loss = loss + 1e-4 * (model.weight**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return model


def linear(model: torch.nn.Linear, columns: list[int]):
    return lambda x: model(x[:, columns]).detach().numpy()
