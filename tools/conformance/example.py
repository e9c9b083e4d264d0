#!/usr/bin/env python3
"""A worked example of a program that `cutmix verify` can test: all of cutmix in NumPy, written from its documentation.

    cutmix vectors --out vectors
    cutmix verify vectors --run 'python3 tools/conformance/example.py {in} {out}'        (one run a case)
    cutmix verify vectors --all --run 'python3 tools/conformance/example.py {in} {out}'  (one run for all)

--mistake NAME plants one: in-place (partners that were already overwritten), axes (x and y swapped), lambda (as drawn,
not corrected for clipping), gradient (p - t, which is right for targets of sum 1 only).
"""
import argparse
import json
import os

import numpy as np

import arrays
import plans
from streams import philox4x32_10


def partner_boxes_lambda(plan):
    partner, boxes, lam = plan
    return {"partner": np.array(partner, np.int64), "boxes": np.array(boxes, np.int64).reshape(-1, 4), "lambda": np.array(lam)}


def plan_of(function, a, mistake):
    stream, (n, h, w) = plans.stream_of(a), a["shape"]
    if function == "sample_mixup_plan":
        return plans.sample_mixup_plan(a["options"], stream, n)
    if function == "sample_switch_plan":
        return plans.sample_switch_plan(a["options"], a["mixup_alpha"], a["cutmix_share"], a["per"], stream, n, h, w)
    plan = plans.sample_plan(a["options"], stream, n, h, w)
    if mistake == "lambda":
        drawn = plans.all_draws(a["options"], stream, n)
        plan = (*plan[:2], [d[0] if d[5] < a["options"]["probability"] else 1.0 for d in drawn])
    return plan


def boxes_of(a, inputs, mistake):
    rows = [plans.box_from(tuple(d), a["options"], int(h), int(w)) for d, (h, w) in zip(inputs["draws"], inputs["sizes"])]
    lam = inputs["draws"][:, 0] if mistake == "lambda" else np.array([share for _, share in rows])
    return {"boxes": np.array([box for box, _ in rows], np.int64), "lambda": lam}


def random_numbers(function, a, inputs):
    stream, count = plans.stream_of(a), a["count"]
    if function == "below":
        return np.array([stream.below(int(b)) for b in inputs["bounds"]], np.uint64)
    if function in ("permutation", "derangement"):
        return np.array(getattr(stream, function)(count), np.int64)
    parameters = [a["alpha"]] if function == "beta" else []
    values = [getattr(stream, function)(*parameters) for _ in range(count)]
    return np.array(values, {"bits32": np.uint32, "bits64": np.uint64}.get(function, np.float64))


def answer(function, a, inputs, mistake):
    """The expected arrays of a case, by name."""
    if function == "philox4x32_10":
        rows = zip(inputs["counter"].tolist(), inputs["key"].tolist())
        return {"block": np.array([philox4x32_10(*row) for row in rows], np.uint32)}
    if function in ("bits32", "bits64", "uniform", "normal", "below", "beta", "permutation", "derangement"):
        return {"values": random_numbers(function, a, inputs)}
    if function == "sample_draws":
        stream, options = plans.stream_of(a), {"alpha": a["alpha"]}
        return {"draws": np.array([plans.sample_draws(options, stream, i) for i in range(a["count"])])}
    if function == "box_from":
        return boxes_of(a, inputs, mistake)
    if function in ("sample_plan", "sample_mixup_plan", "sample_switch_plan"):
        return partner_boxes_lambda(plan_of(function, a, mistake))
    if function == "sample_cutout":
        n, h, w = a["shape"]
        return {"boxes": np.array(plans.sample_cutout(a["length"], a["per_sample"], plans.stream_of(a), n, h, w))}
    if function == "cutmix":
        return {"out": arrays.cutmix(inputs["images"], a["plan"], mistake)}
    if function == "cutmix_backward":
        return {"dimages": arrays.cutmix_backward(inputs["dout"], a["plan"])}
    if function == "mixup":
        return {"out": arrays.blend(inputs["images"], a["plan"])}
    if function == "mix":
        return {"out": arrays.mix(inputs["images"], a["plan"])}
    if function == "cutout":
        return {"out": arrays.cutout(inputs["images"], inputs["boxes"], a["value"])}
    if function == "collate_normalized":
        return {"out": arrays.collate_normalized(inputs["photos"], inputs["mean"], inputs["stddev"], a["plan"])}
    if function == "one_hot":
        return {"out": arrays.one_hot(inputs["labels"], a["classes"], a["ignore_index"])}
    if function == "mix_targets":
        return {"out": arrays.blend(inputs["targets"], a["plan"])}
    if function == "smooth":
        t = inputs["targets"].astype(np.float64)
        return {"out": ((1 - a["s"]) * t + a["s"] / t.shape[1]).astype(np.float32)}
    if function == "soft_cross_entropy":
        return arrays.soft_cross_entropy(inputs, **a, mistake=mistake)
    raise SystemExit(f"unknown function {function}")


def run(folder, out, mistake):
    with open(os.path.join(folder, "case.json"), encoding="utf-8") as file:
        case = json.load(file)
    inputs = {name: np.load(os.path.join(folder, path)) for name, path in case["inputs"].items()}
    os.makedirs(out, exist_ok=True)
    for name, array in answer(case["function"], case["arguments"], inputs, mistake).items():
        np.save(os.path.join(out, name + ".npy"), array)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mistake", choices=["in-place", "axes", "lambda", "gradient"])
    parser.add_argument("folder")
    parser.add_argument("out")
    args = parser.parse_args()
    np.seterr(all="ignore")
    if os.path.exists(os.path.join(args.folder, "case.json")):
        return run(args.folder, args.out, args.mistake)
    for name in sorted(os.listdir(args.folder)):
        if os.path.isdir(os.path.join(args.folder, name)):
            run(os.path.join(args.folder, name), os.path.join(args.out, name), args.mistake)
    return None


if __name__ == "__main__":
    main()
