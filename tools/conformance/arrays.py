"""What is done to pixels, targets and logits, in NumPy."""
import numpy as np


def per_sample(values, i):
    return values[0 if len(values) == 1 else i]


def region(box):
    return (slice(None), slice(box["y0"], box["y1"]), slice(box["x0"], box["x1"]))


def is_empty(box):
    return box["y0"] >= box["y1"] or box["x0"] >= box["x1"]


def cutmix(images, plan, mistake=None):
    out = images.copy()
    source = out if mistake == "in-place" else images
    for i, j in enumerate(plan["partner"]):
        box = per_sample(plan["boxes"], i)
        if mistake == "axes":
            box = {"y0": box["x0"], "x0": box["y0"], "y1": box["x1"], "x1": box["y1"]}
        if not is_empty(box):
            out[i][region(box)] = source[j][region(box)]
    return out


def cutmix_backward(dout, plan):
    dimages = dout.copy()
    for i in range(len(plan["partner"])):
        dimages[i][region(per_sample(plan["boxes"], i))] = 0
    for i, j in enumerate(plan["partner"]):
        box = region(per_sample(plan["boxes"], i))
        dimages[j][box] += dout[i][box]
    return dimages


def blended(own, other, lam):
    """Floats: each product and the sum rounded to single. Bytes: weights of 15 bits, halves up."""
    if own.dtype == np.uint8:
        w = int(np.floor(lam * 32768 + 0.5))
        return ((w * own.astype(np.int64) + (32768 - w) * other.astype(np.int64) + 16384) >> 15).astype(np.uint8)
    return np.float32(lam) * own + np.float32(1 - lam) * other


def mix(images, plan):
    """Pastes where a sample has a box, blends where it has none."""
    out = cutmix(images, plan)
    for i, j in enumerate(plan["partner"]):
        lam = per_sample(plan["lambda"], i)
        if is_empty(per_sample(plan["boxes"], i)) and lam != 1:
            out[i] = blended(images[i], images[j], lam)
    return out


def blend(images, plan):
    """mix of a plan whose boxes, if any, do not count."""
    return mix(images, {**plan, "boxes": [{"y0": 0, "x0": 0, "y1": 0, "x1": 0}]})


def cutout(images, boxes, value):
    out = images.copy()
    for i, image in enumerate(out):
        y0, x0, y1, x1 = per_sample(boxes, i)
        image[:, y0:y1, x0:x1] = value
    return out


def collate_normalized(photos, mean, stddev, plan):
    mean, stddev = mean.astype(np.float64), stddev.astype(np.float64)
    scale, shift = (1 / (255 * stddev)).astype(np.float32), (-mean / stddev).astype(np.float32)
    mixed = cutmix(np.ascontiguousarray(photos.transpose(0, 3, 1, 2)), plan)
    return mixed.astype(np.float32) * scale[:, None, None] + shift[:, None, None]


def one_hot(labels, classes, ignore):
    return np.array([[k == label and label != ignore for k in range(classes)] for label in labels], dtype=np.float32)


def dense_targets(arrays, classes, ignore):
    """As (N, H, W, K) doubles, with the share of each row's labels that are not ignored (N, H, W)."""
    if "targets" in arrays:
        dense = np.moveaxis(arrays["targets"], 1, -1).astype(np.float64)
        return dense, np.ones(dense.shape[:-1])
    labels = arrays["labels"]
    hot = np.stack([(labels == k) & (labels != ignore) for k in range(classes)], axis=-1).astype(np.float64)
    if "partner" in arrays:
        lam = arrays["lambda"].reshape((-1,) + (1,) * labels.ndim)
        hot = lam * hot + (1 - lam) * hot[arrays["partner"]]
    return hot, hot.sum(axis=-1)


def soft_cross_entropy(arrays, reduction, mean_over, divisor, label_smoothing, ignore_index, accumulate, mistake=None):
    logits = np.moveaxis(arrays["logits"], 1, -1).astype(np.float64)
    classes = logits.shape[-1]
    targets, present = dense_targets(arrays, classes, ignore_index)
    weight = arrays["weight"].astype(np.float64) if "weight" in arrays else np.ones(classes)

    largest = logits.max(axis=-1, keepdims=True)
    powers = np.exp(logits - largest)
    total = powers.sum(axis=-1, keepdims=True)
    lse, softmax = largest + np.log(total), powers / total

    smoothed = (1 - label_smoothing) * targets + label_smoothing / classes * present[..., None]
    wt = weight * smoothed
    # A target of 0 adds 0, also where the logit is -inf.
    terms = np.where(wt == 0, 0, wt * ((largest - logits) + np.log(total)))
    rows = np.where(present == 0, 0, np.where(np.isnan(lse[..., 0]), np.nan, terms.sum(axis=-1)))
    mass = 1 if mistake == "gradient" else wt.sum(axis=-1, keepdims=True)
    gradient = np.where(present[..., None] == 0, 0, mass * softmax - wt)

    if mean_over == "usual":
        mean_over = "samples" if "targets" in arrays else "weight_mass"
    scale = 1.0
    if reduction == "mean":
        scale = divisor or {"samples": rows.size, "target_mass": targets.sum(), "weight_mass": (weight * targets).sum()}[mean_over]
    dlogits = np.moveaxis(gradient / scale, -1, 1)
    if accumulate:
        dlogits = arrays["dlogits"] + dlogits
    return {"loss": np.asarray(rows.sum() / scale), "rows": rows, "dlogits": dlogits}
