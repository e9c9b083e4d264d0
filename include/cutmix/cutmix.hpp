/// All of cutmix but the opt-in edges.
#pragma once
#include <cutmix/config.h>

#include <cutmix/algorithm.hpp>
#include <cutmix/error.hpp>
#include <cutmix/isa.hpp>
#include <cutmix/loss.hpp>
#include <cutmix/mix.hpp>
#include <cutmix/parallel.hpp>
#include <cutmix/plan.hpp>
#include <cutmix/random.hpp>
#include <cutmix/reference.hpp>
#include <cutmix/region.hpp>
#include <cutmix/targets.hpp>
#include <cutmix/tensor.hpp>
