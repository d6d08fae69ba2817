#pragma once

#include <string_view>

/// A contract for the tests of this room.
namespace zhili::http {

inline constexpr std::string_view kTestContract = R"(openapi: 3.1.0
info: {title: A test, version: "1"}
servers: [{url: /api/v1}]
security: [{session: []}, {key: []}]
paths:
  /hello:
    get:
      operationId: hello
      x-runs: quick
      security: []
      parameters:
        - {name: name, in: query, schema: {type: string, maxLength: 10, default: world}}
      responses: {"200": {description: A greeting}}
  /things/{id}:
    parameters:
      - {$ref: "#/components/parameters/Id"}
    get:
      operationId: readThing
      x-runs: quick
      security: []
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: fields, in: query, explode: false, schema: {type: array, maxItems: 3, items: {enum: [name, phone]}}}
        - {name: tag, in: query, schema: {type: array, items: {type: string}}}
      responses: {"200": {description: The thing}}
    put:
      operationId: writeThing
      security: []
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
      responses: {"204": {description: Done}}
  /later:
    post:
      operationId: later
      x-runs: quick
      security: []
      x-max-body: 100000
      x-time-limit: 1
      requestBody:
        required: true
        content: {application/json: {schema: {type: object}}}
      responses: {"200": {description: The same}}
components:
  securitySchemes:
    session: {type: apiKey, in: cookie, name: zhili}
    key: {type: http, scheme: bearer}
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z0-9]{1,8}$"}}
  schemas:
    Thing:
      type: object
      required: [name]
      additionalProperties: false
      properties:
        name: {type: string, minLength: 1, maxLength: 5}
        count: {type: [integer, "null"], minimum: 0}
        born: {type: string, format: date}
        parts: {type: array, maxItems: 2, items: {$ref: "#/components/schemas/Thing"}}
)";

/// One whose operations ask who calls.
inline constexpr std::string_view kSignedContract = R"(openapi: 3.1.0
info: {title: A test, version: "1"}
security: [{session: []}, {key: []}]
paths:
  /me:
    get:
      operationId: me
      x-runs: quick
      responses: {"200": {description: Who asks}}
  /session:
    get:
      operationId: session
      security: [{session: []}]
      x-waiting-session: true
      responses: {"200": {description: Who asks}}
  /anyone:
    get:
      operationId: anyone
      security: [{}, {session: []}, {key: []}]
      responses: {"200": {description: "Who asks, if anyone"}}
  /things:
    get:
      operationId: listThings
      x-runs: quick
      parameters:
        - {name: cursor, in: query, schema: {type: string, maxLength: 1000}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 5, default: 2}}
        - {name: name, in: query, schema: {type: string}}
      responses: {"200": {description: Things}}
    post:
      operationId: addThing
      x-time-limit: 1
      parameters:
        - {name: Idempotency-Key, in: header, schema: {type: string, maxLength: 255}}
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}
      responses: {"201": {description: Added}}
  /check:
    post:
      operationId: check
      x-not-a-write: true
      x-runs: password
      requestBody:
        required: true
        content: {application/json: {schema: {type: object}}}
      responses: {"200": {description: Checked}}
components:
  securitySchemes:
    session: {type: apiKey, in: cookie, name: zhili}
    key: {type: http, scheme: bearer}
)";

}  // namespace zhili::http
