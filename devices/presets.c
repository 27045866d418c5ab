/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/presets.h"

#include <string.h>

#define EVERY(pause) .kind = DEV_LAW_FIXED, .base = (pause), .cap = SIM_NEVER, .factor = 1
#define GROWING(word, from, to) .kind = DEV_LAW_##word, .base = (from), .cap = (to), .factor = 2
#define TIMES(from, to) .low = (from), .high = (to)

static const char common_default[] = "general knowledge of the client's default, not checked again";

const dev_preset dev_presets[] = {
    {"esp-mqtt", "ESP-MQTT", "ESP-IDF: reconnect_timeout_ms", {EVERY(10 * SIM_SECOND)}},
    {"picomqtt", "PicoMQTT", common_default, {EVERY(5 * SIM_SECOND)}},
    {"mqtt-js", "MQTT.js", common_default, {EVERY(SIM_SECOND)}},
    {"paho-python",
     "Paho for Python",
     "reconnect_delay_set; that there is no jitter was not checked again",
     {GROWING(EXPONENTIAL, SIM_SECOND, 120 * SIM_SECOND)}},
    {"paho-java",
     "Paho for Java",
     common_default,
     {GROWING(EXPONENTIAL, SIM_SECOND, 128 * SIM_SECOND)}},
    {"paho-c",
     "Paho for C, asynchronous",
     "MQTTAsync.c, which cites Floyd and Jacobson 1994",
     {GROWING(SPREAD, SIM_SECOND, SIM_MINUTE), TIMES(1 / 1.2, 1.2)}},
    {"hivemq",
     "HiveMQ MQTT client",
     "HiveMQ, \"MQTT Client Features: Reconnect Handling\"",
     {GROWING(SPREAD, SIM_SECOND, 2 * SIM_MINUTE), TIMES(0.75, 1.25)}},
    {"azure-dotnet",
     "Azure IoT device SDK for .NET",
     "95 to 105 % by its documentation; start and limit of the older SDK, not checked again",
     {GROWING(SPREAD, 100 * SIM_MILLISECOND, 10 * SIM_SECOND), TIMES(0.95, 1.05)}},
    {"azure-iot-operations",
     "Azure IoT Operations SDK",
     "its reconnect policy: from 128 ms, jitter subtracts up to 10 %",
     {GROWING(SPREAD, 128 * SIM_MILLISECOND, SIM_MINUTE), TIMES(0.9, 1)}},
    {"aws-embedded-c",
     "AWS IoT device SDK for embedded C",
     "backoffAlgorithm with its full jitter; 0.5 s and 5 s as in the demonstrations, not checked "
     "again",
     {GROWING(FULL_JITTER, 500 * SIM_MILLISECOND, 5 * SIM_SECOND)}},
    {"aws-crt",
     "AWS CRT, MQTT 5",
     "ReconnectOptions; that full jitter is the default was not checked again",
     {GROWING(FULL_JITTER, SIM_SECOND, 120 * SIM_SECOND), .reset_after = 30 * SIM_SECOND}},
    {"mosquitto-bridge",
     "Mosquitto, bridge",
     "mosquitto.conf(5), restart_timeout",
     {GROWING(DECORRELATED_JITTER, 5 * SIM_SECOND, 30 * SIM_SECOND)}},
    {"coap",
     "CoAP retransmission",
     "RFC 7252 4.2 and 4.8: ACK_TIMEOUT 2 s, ACK_RANDOM_FACTOR 1.5, MAX_RETRANSMIT 4",
     {GROWING(ONE_DRAW, 2 * SIM_SECOND, SIM_NEVER), TIMES(1, 1.5), .tries = 5}},
    {"dtls",
     "DTLS handshake timer",
     "RFC 6347 4.2.4.1, RFC 9147 5.8.2: from 1 s, at most 60 s",
     {GROWING(EXPONENTIAL, SIM_SECOND, SIM_MINUTE)}},
    {"lwm2m",
     "LwM2M 1.1, server object",
     "Communication Retry and Sequence Delay Timer: 5 tries from 60 s, then 24 h; not checked "
     "again",
     {GROWING(EXPONENTIAL, SIM_MINUTE, SIM_NEVER), .tries = 5, .rest = SIM_DAY}},
    {"gateway-67s",
     "a home gateway",
     "its maker's public self-assessment",
     {EVERY(67 * SIM_SECOND)}},

    {"no-jitter",
     "misbehaves: back-off without jitter",
     "ours",
     {GROWING(EXPONENTIAL, SIM_SECOND, SIM_MINUTE)}},
    {"constant-seed",
     "misbehaves: random, but alike in every device",
     "ours",
     {GROWING(FULL_JITTER, SIM_SECOND, SIM_MINUTE), .seed = DEV_LAW_SEED_CONSTANT}},
    {"boot-time-seed",
     "misbehaves: random, but alike in devices that boot in the same second",
     "ours",
     {GROWING(FULL_JITTER, SIM_SECOND, SIM_MINUTE), .seed = DEV_LAW_SEED_BOOT_TIME}},
    {"reset-on-connect",
     "misbehaves: begins anew with every connection, so a cloud that accepts and closes meets a "
     "storm",
     "ours",
     {GROWING(FULL_JITTER, SIM_SECOND, SIM_MINUTE)}},
    {"give-up",
     "misbehaves: gives up for good",
     "ours",
     {GROWING(FULL_JITTER, SIM_SECOND, SIM_MINUTE), .tries = 5, .rest = SIM_NEVER}},
    {"herd-on-the-hour",
     "misbehaves: waits for the full hour",
     "ours",
     {GROWING(FULL_JITTER, SIM_SECOND, SIM_MINUTE), .on_the = SIM_HOUR}},
    {"serial-seed",
     "orderly by assignment: not random, but each device has its own place",
     "ours",
     {GROWING(FULL_JITTER, SIM_SECOND, SIM_MINUTE), .seed = DEV_LAW_SEED_SERIAL}},
};

const size_t dev_preset_count = sizeof dev_presets / sizeof dev_presets[0];

const dev_preset *dev_preset_named(const char *name) {
    for (size_t i = 0; i < dev_preset_count; i++)
        if (strcmp(dev_presets[i].name, name) == 0) return &dev_presets[i];
    return NULL;
}
