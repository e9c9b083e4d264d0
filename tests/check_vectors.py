"""check_vectors.py COMMAND CONFORMANCE: recomputes every expected value of `cutmix vectors`, without the library.

Integers, fractions and decimals of 60 digits; NumPy only holds arrays. Random numbers and boxes come from the worked
example's Python (CONFORMANCE, the folder tools/conformance), here with logarithms rounded from 60 digits.
"""
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np

command, conformance = sys.argv[1:3]
sys.path.insert(0, conformance)
import plans  # noqa: E402
import streams  # noqa: E402

getcontext().prec = 60
getcontext().Emin, getcontext().Emax = -(10**15), 10**15


class Precise:
    sqrt = staticmethod(math.sqrt)
    log = staticmethod(lambda x: float(Decimal(x).ln()))
    exp = staticmethod(lambda x: float(Decimal(x).exp()))


streams.math = Precise


def single(x):
    """The float32 next to a Fraction, halves to even."""
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0] if isinstance(x, float) else single_of_fraction(x)
    except OverflowError:
        return math.copysign(math.inf, x)


def single_of_fraction(x):
    if x == 0:
        return 0.0
    exponent = max(math.floor(math.log2(abs(x))) if abs(x) > Fraction(1, 2**1000) else -2000, -126)
    while abs(x) >= Fraction(2) ** (exponent + 1):
        exponent += 1
    while exponent > -126 and abs(x) < Fraction(2) ** exponent:
        exponent -= 1
    unit = Fraction(2) ** (exponent - 23)
    value = round(x / unit) * unit  # Python rounds halves to even
    return math.copysign(math.inf, x) if abs(value) >= 2**128 else float(value)


def times(a, b):
    """The product of two singles, rounded to single."""
    if math.isfinite(a) and math.isfinite(b):
        return math.copysign(single(Fraction(a) * Fraction(b)), math.copysign(1, a) * math.copysign(1, b))
    return a * b


def plus(a, b):
    if math.isfinite(a) and math.isfinite(b) and (a != 0 or b != 0):
        return single(Fraction(a) + Fraction(b))
    return a + b


def blended(own, other, lam, dtype):
    if lam == 1:
        return own
    if dtype == np.uint8:
        w = math.floor(Fraction(lam) * 2**15 + Fraction(1, 2))
        return (w * own + (2**15 - w) * other + 2**14) // 2**15
    return plus(times(single(lam), own), times(single(1 - lam), other))


def of(values, i):
    return values[0 if len(values) == 1 else i]


def inside(box, y, x):
    return box["y0"] <= y < box["y1"] and box["x0"] <= x < box["x1"]


def pixels(images, plan, function):
    """One element at a time. Where nothing is computed the elements are opaque bytes."""
    out = images.copy()
    opaque = images.view(f"V{images.itemsize}"), out.view(f"V{images.itemsize}")
    for i, c, y, x in np.ndindex(*images.shape):
        j, box, lam = plan["partner"][i], of(plan["boxes"], i), of(plan["lambda"], i)
        if function != "mixup" and inside(box, y, x):
            opaque[1][i, c, y, x] = opaque[0][j, c, y, x]
        elif function != "cutmix" and lam != 1 and (function == "mixup" or box["y0"] == box["y1"]):
            out[i, c, y, x] = blended(images[i, c, y, x].item(), images[j, c, y, x].item(), lam, images.dtype)
    return out


def backward(dout, plan):
    exact = {}
    for i, c, y, x in np.ndindex(*dout.shape):
        j = plan["partner"][i] if inside(of(plan["boxes"], i), y, x) else i
        exact[j, c, y, x] = exact.get((j, c, y, x), 0) + Fraction(dout[i, c, y, x].item())
    out = np.zeros_like(dout)
    for at, value in exact.items():
        out[at] = single(value)
    return out


def cutout(images, boxes, value):
    out, bits = images.copy(), np.array(value, images.dtype)
    for i, c, y, x in np.ndindex(*images.shape):
        y0, x0, y1, x1 = of(boxes, i)
        if y0 <= y < y1 and x0 <= x < x1:
            out[i, c, y, x] = bits
    return out


def collate(photos, mean, stddev, plan):
    n, h, w, channels = photos.shape
    out = np.zeros((n, channels, h, w), np.float32)
    for c in range(channels):
        m, s = float(mean[c]), float(stddev[c])
        scale, shift = single(1 / (255 * s)), single(-m / s)  # in double, then in single
        for i, y, x in np.ndindex(n, h, w):
            source = plan["partner"][i] if inside(of(plan["boxes"], i), y, x) else i
            out[i, c, y, x] = plus(times(float(photos[source, y, x, c]), scale), shift)
    return out


def decimal_targets(inputs, a, row, classes):
    """The targets of a row before smoothing, and the share of its labels that count."""
    if "targets" in inputs:
        return [Decimal(inputs["targets"][(row[0], k, *row[1:])].item()) for k in range(classes)], Decimal(1)
    t, present = [Decimal(0)] * classes, Decimal(0)
    terms = [(row, Decimal(1))]
    if "partner" in inputs:
        lam = of(inputs["lambda"], row[0]).item()
        terms = [(row, Decimal(lam)), ((int(inputs["partner"][row[0]]), *row[1:]), Decimal(1 - lam))]
    for at, share in terms:
        label = int(inputs["labels"][at])
        if label != a["ignore_index"]:
            t[label] += share
            present += share
    return t, present


def loss(inputs, a):
    logits = inputs["logits"]
    classes, s = logits.shape[1], Decimal(a["label_smoothing"])
    weight = [Decimal(w.item()) for w in inputs["weight"]] if "weight" in inputs else [Decimal(1)] * classes
    losses, gradients, masses = {}, {}, dict(samples=Decimal(0), target_mass=Decimal(0), weight_mass=Decimal(0))
    for row in np.ndindex(logits.shape[0], *logits.shape[2:]):
        at = [(row[0], k, *row[1:]) for k in range(classes)]
        z = [Decimal(logits[i].item()) for i in at]
        t, present = decimal_targets(inputs, a, row, classes)
        masses["samples"] += 1
        masses["target_mass"] += sum(t)
        masses["weight_mass"] += sum(w * u for w, u in zip(weight, t))
        wt = [w * ((1 - s) * u + s / classes * present) for w, u in zip(weight, t)]
        if any(v.is_nan() for v in z + wt) and present:
            losses[row], row_gradient = Decimal("NaN"), [Decimal("NaN")] * classes
        else:
            top = max(z)
            e = [(v - top).exp() for v in z]
            total = sum(e)
            losses[row] = sum((u * (top - v + total.ln()) for u, v in zip(wt, z) if u), Decimal(0))
            row_gradient = [sum(wt) * p / total - u for p, u in zip(e, wt)]
        if not present:
            losses[row], row_gradient = Decimal(0), [Decimal(0)] * classes
        gradients.update(zip(at, row_gradient))
    over = a["mean_over"] if a["mean_over"] != "usual" else "samples" if "targets" in inputs else "weight_mass"
    divisor = Decimal(1)
    if a["reduction"] == "mean":
        divisor = Decimal(a["divisor"]) if a["divisor"] else masses[over]
    dlogits = {at: g / divisor + (Decimal(inputs["dlogits"][at].item()) if a["accumulate"] else 0) for at, g in gradients.items()}
    rows = np.zeros((logits.shape[0], *logits.shape[2:]))
    out = np.zeros(logits.shape)
    for at, value in losses.items():
        rows[at] = float(value)
    for at, value in dlogits.items():
        out[at] = float(value)
    return {"loss": np.array(float(sum(losses.values()) / divisor)), "rows": rows, "dlogits": out}


def answer(case, inputs):
    import example  # the integers' part

    function, a = case["function"], case["arguments"]
    if function in ("cutmix", "mixup", "mix"):
        return {"out": pixels(inputs["images"], a["plan"], function)}
    if function == "mix_targets":
        rows = inputs["targets"][:, :, None, None]
        return {"out": pixels(rows, a["plan"], "mixup")[:, :, 0, 0]}
    if function == "cutmix_backward":
        return {"dimages": backward(inputs["dout"], a["plan"])}
    if function == "cutout":
        return {"out": cutout(inputs["images"], inputs["boxes"].tolist(), a["value"])}
    if function == "collate_normalized":
        return {"out": collate(inputs["photos"], inputs["mean"], inputs["stddev"], a["plan"])}
    if function == "one_hot":
        hot = [[float(k == label != a["ignore_index"]) for k in range(a["classes"])] for label in inputs["labels"].tolist()]
        return {"out": np.array(hot, np.float32)}
    if function == "smooth":
        s, (_, classes) = Fraction(a["s"]), inputs["targets"].shape
        return {"out": np.array([[float((1 - s) * Fraction(t) + s / classes) for t in row] for row in inputs["targets"].tolist()])}
    if function == "soft_cross_entropy":
        return loss(inputs, a)
    return example.answer(function, a, inputs, None)


def differs(expected, exact, tolerance):
    if expected.dtype != exact.dtype or expected.shape != exact.shape:
        return f"{expected.dtype} {expected.shape} against {exact.dtype} {exact.shape}"
    if tolerance == "bits":
        return expected.tobytes() != exact.tobytes()
    if expected.dtype == np.float64:  # what the generator gives has to be right far within what others may be off
        return not np.allclose(expected, exact, rtol=1e-14, atol=min(1e-14, tolerance["absolute"]), equal_nan=True)
    return not np.array_equal(expected, exact, equal_nan=expected.dtype.kind == "f")


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        print(subprocess.run([command, "vectors", "--out", folder], check=True, text=True, stdout=subprocess.PIPE).stdout)
        with open(folder + "/manifest.json", encoding="utf-8") as file:
            manifest = json.load(file)
        size = sum(os.path.getsize(os.path.join(base, name)) for base, _, names in os.walk(folder) for name in names)
        assert manifest["version"] == 1 and size < 4e6, size
        for case in manifest["cases"]:
            load = lambda files: {name: np.load(f"{folder}/{case['name']}/{path}") for name, path in files.items()}  # noqa: E731
            with open(f"{folder}/{case['name']}/case.json", encoding="utf-8") as file:
                assert json.load(file) == case
            expected, exact = load(case["expected"]), answer(case, load(case["inputs"]))
            assert expected.keys() == exact.keys() == case["tolerance"].keys(), case["name"]
            for name, array in expected.items():
                what = differs(array, exact[name], case["tolerance"][name])
                if what:
                    failures += 1
                    print(f"{case['name']}: {name}: {what}")
                    if array.shape == exact[name].shape and array.size < 50:
                        print(array, exact[name], sep="\n")
        print(f"{len(manifest['cases'])} cases recomputed, {failures} arrays differ")
    return failures != 0


if __name__ == "__main__":
    np.seterr(all="ignore")
    sys.exit(main())
