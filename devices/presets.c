/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/presets.h"

#include <string.h>

#define EVERY(pause) .kind = DEV_LAW_FIXED, .base = (pause), .cap = SIM_NEVER, .factor = 1
#define GROWING(word, from, to) .kind = DEV_LAW_##word, .base = (from), .cap = (to), .factor = 2
#define TIMES(from, to) .low = (from), .high = (to)
#define STEPS(n, ...) .kind = DEV_LAW_STEPS, .cap = SIM_NEVER, .pauses = {{__VA_ARGS__}, n}
#define S SIM_SECOND

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
    {"paho-go",
     "Paho for Go",
     "eclipse, client.go and backoff.go: the first at once, then from 1 s doubling to "
     "MaxReconnectInterval; that this is 10 m was not checked again",
     {STEPS(12, 0, S, 2 * S, 4 * S, 8 * S, 16 * S, 32 * S, 64 * S, 128 * S, 256 * S, 512 * S,
            600 * S),
      TIMES(1, 1)}},
    {"zephyr-aws",
     "Zephyr, its sample for AWS IoT",
     "zephyrproject-rtos/zephyr, main.c of that sample: at random up to 1 s, doubling to 60 s, 11 "
     "tries, then anew after 1 s; its first try, at once, is left out",
     {GROWING(FULL_JITTER, SIM_SECOND, SIM_MINUTE), .tries = 11, .rest = SIM_SECOND}},
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
    {"aws-python-v1",
     "AWS IoT device SDK for Python, version 1",
     "aws/aws-iot-device-sdk-python, progressive_back_off_core: 1 s doubling to 32 s, begun anew "
     "after 20 s of connection",
     {GROWING(EXPONENTIAL, SIM_SECOND, 32 * SIM_SECOND), .reset_after = 20 * SIM_SECOND}},
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
     "OMA object 0/1, resources 17 to 20 (Communication Retry Count 5, Retry Timer 60 s, Sequence "
     "Retry Count 1), as in Anjay: one sequence, then bootstrap, which is no try at this server",
     {GROWING(EXPONENTIAL, SIM_MINUTE, SIM_NEVER), .tries = 5, .rest = SIM_NEVER}},
    {"tasmota",
     "Tasmota",
     "xdrv_02_9_mqtt.ino, MqttDisconnected: MqttRetry 10 s times the number of failures, while "
     "below 120 s",
     {STEPS(12, 10 * S, 20 * S, 30 * S, 40 * S, 50 * S, 60 * S, 70 * S, 80 * S, 90 * S, 100 * S,
            110 * S, 120 * S),
      TIMES(1, 1)}},
    {"espurna",
     "ESPurna",
     "general.h: MQTT_RECONNECT_DELAY_MIN and _STEP 5 s, _MAX 120 s; the delay grows before the "
     "attempt",
     {STEPS(24, 5 * S, 10 * S, 15 * S, 20 * S, 25 * S, 30 * S, 35 * S, 40 * S, 45 * S, 50 * S,
            55 * S, 60 * S, 65 * S, 70 * S, 75 * S, 80 * S, 85 * S, 90 * S, 95 * S, 100 * S,
            105 * S, 110 * S, 115 * S, 120 * S),
      TIMES(1, 1)}},
    {"libmosquitto",
     "libmosquitto 1.4, mosquitto_reconnect_delay_set(1, 30, true)",
     "mosquitto_loop_forever: reconnect_delay times the square of the number of retries before, at "
     "most reconnect_delay_max, though the manual tells of doubling",
     {STEPS(7, 0, S, 4 * S, 9 * S, 16 * S, 25 * S, 30 * S), TIMES(1, 1)}},
    {"matter-resubscribe",
     "Matter, a subscriber comes back",
     "connectedhomeip, DefaultResubscribePolicy: Fibonacci(n) times 10 s, at random from 30 % of "
     "it, "
     "and 5,538 s after step 14; the first step is 0",
     {STEPS(16, 0, 10 * S, 10 * S, 20 * S, 30 * S, 50 * S, 80 * S, 130 * S, 210 * S, 340 * S,
            550 * S, 890 * S, 1440 * S, 2330 * S, 3770 * S, 5538 * S),
      TIMES(0.3, 1)}},
    {"thread-attach",
     "Thread, attach to a parent",
     "OpenThread, config/mle.h: from 251 ms doubling to 20 minutes; 2 s of jitter at the limit "
     "alone "
     "are left out",
     {GROWING(EXPONENTIAL, 251 * SIM_MILLISECOND, 20 * SIM_MINUTE)}},
    {"azure-c",
     "Azure IoT device SDK for C, exponential with jitter",
     "iothub_client_retry_control.c: the first at once, then from 1 s doubling to 30 s, up to 5 % "
     "more (cut to whole seconds there)",
     {STEPS(7, 0, S, 2 * S, 4 * S, 8 * S, 16 * S, 30 * S), TIMES(1, 1.05)}},
    {"azure-python",
     "Azure IoT device SDK for Python",
     "azure-iot-device: connection_retry_interval, 10 s by its documentation; that there is no "
     "jitter was not checked again",
     {EVERY(10 * SIM_SECOND)}},
    {"particle-backoff",
     "Particle, BackoffHelperRK",
     "BackoffHelperRK.cpp: 5, 10, 15, 20, 30, 60 minutes",
     {STEPS(6, 300 * S, 600 * S, 900 * S, 1200 * S, 1800 * S, 3600 * S), TIMES(1, 1)}},
    {"dlms-push",
     "DLMS/COSEM, a meter's push",
     "class 40, push setup: randomisation_start_interval, number_of_retries, repetition_delay; it "
     "has no defaults, 5 m, 3 retries, 60 s doubling are an example of ours",
     {GROWING(EXPONENTIAL, SIM_MINUTE, SIM_NEVER), .initial_window = 5 * SIM_MINUTE, .tries = 4,
      .rest = SIM_NEVER}},
    {"elastic-agent",
     "Elastic Agent, Fleet gateway before 2026",
     "elastic/elastic-agent#13874 and #6983: from 60 s to 10 m, half of it random, begun anew each "
     "time",
     {GROWING(SPREAD, SIM_MINUTE, 10 * SIM_MINUTE), TIMES(0.5, 1.5)}},
    {"elastic-agent-2026",
     "Elastic Agent, Fleet gateway as proposed in 2026",
     "elastic/elastic-agent#13874: up to 120 s at random before the first attempt",
     {GROWING(SPREAD, SIM_MINUTE, 10 * SIM_MINUTE), TIMES(0.5, 1.5),
      .initial_window = 2 * SIM_MINUTE}},
    {"orbit",
     "Fleet's agent (orbit) before 2026-09",
     "fleetdm/fleet#53357 and #45553: from 60 s doubling to 5 m, 10 % jitter that the cap cuts",
     {GROWING(SPREAD, SIM_MINUTE, 5 * SIM_MINUTE), TIMES(1, 1.1), .jitter_before_cap = true}},
    {"orbit-2026",
     "Fleet's agent (orbit) as proposed in 2026-09",
     "fleetdm/fleet#53357: up to 15 m, then once more as much at random",
     {GROWING(SPREAD, SIM_MINUTE, 15 * SIM_MINUTE), TIMES(1, 2)}},
    {"gateway-67s",
     "a home gateway",
     "its maker's public self-assessment",
     {EVERY(67 * SIM_SECOND)}},

    {"no-jitter",
     "misbehaves: back-off without jitter",
     "ours",
     {GROWING(EXPONENTIAL, SIM_SECOND, SIM_MINUTE)}},
    {"jitter-lost-at-cap",
     "misbehaves: its jitter is cut by the cap, so that a long outage ends in step",
     "ours, after fleetdm/fleet#53357",
     {GROWING(SPREAD, SIM_SECOND, SIM_MINUTE), TIMES(1, 1.5), .jitter_before_cap = true}},
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
