/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/models.h - the list of all models: one line each. */
#ifndef DEV_MODELS_H
#define DEV_MODELS_H

#define DEV_MODEL_LIST(X) \
    X(thermostat)         \
    X(window_contact)     \
    X(smart_plug)         \
    /* the next one */

enum {
#define DEV_MODEL_COUNT(model) DEV_MODELS_AT_##model,
    DEV_MODEL_LIST(DEV_MODEL_COUNT)
#undef DEV_MODEL_COUNT
        DEV_MODELS
};

#endif
