/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/models.h - the list of all models: one line each. */
#ifndef DEV_MODELS_H
#define DEV_MODELS_H

#define DEV_MODEL_LIST(X) \
    X(thermostat)         \
    X(window_contact)     \
    X(smart_plug)         \
    X(bulb)               \
    X(smart_lock)         \
    X(light_sensor)       \
    X(flood_sensor)       \
    X(smoke_detector)     \
    X(weather_sensor)     \
    X(fridge)             \
    X(washing_machine)    \
    X(gateway)            \
    X(tv)                 \
    X(speaker)            \
    X(doorbell)           \
    X(alarm_panel)        \
    X(wearable)           \
    /* the next one */

enum {
#define DEV_MODEL_COUNT(model) DEV_MODELS_AT_##model,
    DEV_MODEL_LIST(DEV_MODEL_COUNT)
#undef DEV_MODEL_COUNT
        DEV_MODELS
};

#endif
