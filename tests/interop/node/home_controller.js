// SPDX-License-Identifier: GPL-3.0-or-later
// A home's controller by the rules that Home Assistant publishes for MQTT discovery, with MQTT.js:
//
//     node home_controller.js mqtt://127.0.0.1:1883 DEVICES
//
// It finds devices by `homeassistant/device/ID/config` and single components by
// `homeassistant/PLATFORM/[NODE/]ID/config`, follows their states and their availability, says
// `online` on homeassistant/status and waits until everybody has said again who he is, switches a
// switch off and on, and sees each in its state. Then it says what it saw, as JSON, and ends.
'use strict';

const mqtt = require('mqtt');

const [url, wanted] = [process.argv[2], Number(process.argv[3])];
const PATIENCE_MS = Number(process.env.PATIENCE_MS || 60000);

// Of names in a configuration, as far as devices of ours could use them.
const SHORT = {
    avty_t: 'availability_topic', cmd_t: 'command_topic', cmps: 'components', dev: 'device',
    dev_cla: 'device_class', ids: 'identifiers', mdl: 'model', mf: 'manufacturer', o: 'origin',
    p: 'platform', pl_avail: 'payload_available', pl_not_avail: 'payload_not_available',
    pl_off: 'payload_off', pl_on: 'payload_on', stat_off: 'state_off', stat_on: 'state_on',
    stat_t: 'state_topic', stat_cla: 'state_class', uniq_id: 'unique_id',
    unit_of_meas: 'unit_of_measurement', val_tpl: 'value_template',
};

const entities = new Map(); // by unique id
const devices = new Map();  // by identifier: how often it was announced
const states = new Map(), available = new Map(); // by topic
let step = 'nothing', again = null, chosen = null, done = false;
const seen = [];

// Long names for short ones, and the base topic for `~` at either end of a topic.
function expand(config, base) {
    if (Array.isArray(config) || config === null || typeof config !== 'object') return config;
    const own = typeof config['~'] === 'string' ? config['~'] : base;
    const out = {};
    for (const [key, value] of Object.entries(config)) {
        if (key === '~') continue;
        const name = SHORT[key] || key;
        let said = expand(value, own);
        if (name.endsWith('_topic') && typeof said === 'string' && own !== undefined)
            said = said.replace(/^~|~$/, own);
        out[name] = said;
    }
    return out;
}

// {{ value_json.x }}, {{ value_json['x'] }} and {{ 'A' if ... else 'B' }}; anything else is not
// what a device of ours says, and an error.
function evaluate(template, payload) {
    if (template === undefined) return payload;
    const value = String.raw`value_json(?:\.(\w+)|\['([^']+)'\])`;
    const choice = String.raw`(?:'([^']*)' if )?${value}(?: else '([^']*)')?`;
    const whole = new RegExp(String.raw`^\{\{ ${choice} \}\}$`);
    const part = whole.exec(template);
    if (part === null) throw new Error(`no template: ${template}`);
    const got = JSON.parse(payload)[part[2] || part[3]];
    if (part[1] === undefined) return got;
    return got ? part[1] : part[4];
}

function stateOf(entity) {
    const topic = entity.state_topic || entity.temperature_state_topic;
    const template = entity.value_template || entity.state_value_template ||
        entity.temperature_state_template;
    return states.has(topic) ? evaluate(template, states.get(topic)) : undefined;
}

function follow(entity) {
    const { state_topic, temperature_state_topic, availability_topic } = entity;
    for (const topic of [state_topic, temperature_state_topic, availability_topic])
        if (topic !== undefined) client.subscribe(topic, { qos: 1 });
}

function add(platform, config) {
    for (const needed of ['unique_id', 'device'])
        if (config[needed] === undefined) throw new Error(`${platform} without ${needed}`);
    if (!['sensor', 'binary_sensor'].includes(platform) &&
        !Object.keys(config).some(key => key.endsWith('command_topic')))
        throw new Error(`${platform} without a topic for commands`);
    entities.set(config.unique_id, { ...config, platform });
    follow(config);
}

function discover(parts, config) {
    const device = config.device, id = device.identifiers[0];
    if (parts[1] !== 'device') {
        add(parts[1], config);
    } else {
        if (!config.origin || !config.origin.name) throw new Error('a device without an origin');
        const { components, ...shared } = config;
        for (const one of Object.values(components)) add(one.platform, { ...shared, ...one });
    }
    devices.set(id, (devices.get(id) || 0) + 1);
}

function isAvailable(entity) {
    return available.get(entity.availability_topic) === (entity.payload_available || 'online');
}

function everybody(test) {
    return [...entities.values()].every(test);
}

function command(key) {
    client.publish(chosen.command_topic, chosen[`payload_${key}`], { qos: 1 });
}

// What it waits for, and what it does then.
const STEPS = {
    discovery: [() => devices.size >= wanted, () => {}],
    states: [() => everybody(e => stateOf(e) !== undefined || e.optimistic), () => {}],
    availability: [() => everybody(isAvailable), () => {
        again = new Map(devices);
        client.publish('homeassistant/status', 'online', { qos: 1 });
    }],
    announcement: [() => [...again].every(([id, n]) => devices.get(id) > n), () => {
        chosen = [...entities.values()].filter(e => e.platform === 'switch')[0];
        command('off');
    }],
    off: [() => stateOf(chosen) === chosen.state_off, () => command('on')],
    on: [() => stateOf(chosen) === chosen.state_on, finish],
};

function finish() {
    const list = [...entities.values()].map(e => ({
        id: e.unique_id, device: e.device.identifiers[0], platform: e.platform,
        device_class: e.device_class, unit: e.unit_of_measurement, state: stateOf(e),
    }));
    console.log(JSON.stringify({ steps: seen, switched: chosen.unique_id, entities: list }));
    done = true; // a broker may reset what is closed
    client.end(() => process.exit(0));
}

function advance() {
    for (const [name, [reached, then]] of Object.entries(STEPS)) {
        if (seen.includes(name)) continue;
        step = name;
        if (!reached()) return;
        seen.push(name);
        then();
    }
}

const client = mqtt.connect(url, { clientId: 'home-controller', reconnectPeriod: 0 });
client.on('error', error => {
    if (!done) console.error(error.message);
    process.exit(done ? 0 : 1);
});
client.on('connect', () =>
    client.subscribe(['homeassistant/+/+/config', 'homeassistant/+/+/+/config'], { qos: 1 }));
client.on('message', (topic, payload) => {
    try {
        const parts = topic.split('/'), text = payload.toString();
        if (parts[0] === 'homeassistant') {
            discover(parts, expand(JSON.parse(text)));
        } else {
            const isState = everybody(e => e.availability_topic !== topic);
            (isState ? states : available).set(topic, text);
        }
        advance();
    } catch (error) {
        console.error(`${topic}: ${error.message}`);
        process.exit(1);
    }
});
setTimeout(() => { console.error(`no ${step} in time`); process.exit(1); }, PATIENCE_MS);
