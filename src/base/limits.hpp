#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every queue, loop and payload has a limit, named here. Passing one is an error of ErrorCode::kLimit that names it.
namespace zhili::limits {

inline constexpr size_t kCellBytes = size_t{1} << 20;    ///< One cell of an input table.
inline constexpr size_t kRowBytes = size_t{8} << 20;     ///< One row of an input table.
inline constexpr size_t kColumns = 4096;                 ///< Columns of an input table.
inline constexpr uint64_t kRecords = uint64_t{1} << 31;  ///< Records of one fusing run, over all sources.
inline constexpr size_t kSources = 4096;                 ///< Sources of one fusing run.
inline constexpr size_t kAttributes = 256;               ///< Attributes of one fusing run.
inline constexpr size_t kComparisons = 31;               ///< Comparisons of one model.
inline constexpr size_t kLevels = 14;                    ///< Declared levels of one comparison.
inline constexpr size_t kBlockingRules = 64;             ///< Blocking rules of one run.
inline constexpr uint64_t kEdges =
    500'000'000;  ///< Scored pairs that one run keeps (12 bytes each, twice while they are sorted).
inline constexpr size_t kYamlBytes = size_t{4} << 20;  ///< One YAML file.
inline constexpr int kYamlDepth = 64;                  ///< Nesting in a YAML file.
inline constexpr uint64_t kTwinPeople = 50'000'000;    ///< Residents of one made-up district.

inline constexpr size_t kLogEntryBytes = 65535;        ///< One entry of a log: its length has 16 bits in a bundle.
inline constexpr size_t kLogAhead = size_t{1} << 20;   ///< Entries of a log that no checkpoint covers yet.
inline constexpr size_t kNoteBytes = size_t{1} << 20;  ///< One signed note.
inline constexpr size_t kNoteSignatures = 64;          ///< Signatures of one note.
inline constexpr size_t kKeyFileBytes = 16384;         ///< One file with a signing key.
inline constexpr size_t kTilesInMemory = 1024;         ///< Tiles that one reader of a log keeps, 16 KiB each.

inline constexpr size_t kUrlBytes = 4096;                        ///< A store's URL.
inline constexpr size_t kParameters = 2000;                      ///< Of one SQL statement.
inline constexpr size_t kValueBytes = size_t{16} << 20;          ///< One value in the store.
inline constexpr size_t kStatements = 256;                       ///< Kept prepared, by each connection.
inline constexpr unsigned kReadConnections = 64;                 ///< For reading, of one store.
inline constexpr uint64_t kQueryRows = 100'000;                  ///< One query's rows, unless the caller says else.
inline constexpr size_t kQueryBytes = size_t{64} << 20;          ///< One query's rows in memory.
inline constexpr std::chrono::milliseconds kQueryTime{10'000};   ///< One query, unless the caller says else.
inline constexpr std::chrono::milliseconds kChangeTime{5'000};   ///< One statement of a change.
inline constexpr std::chrono::milliseconds kConnectTime{5'000};  ///< Reaching a database, or a file's lock.
inline constexpr size_t kWriteQueue = 16'384;                    ///< Changes that wait to be committed.
inline constexpr size_t kGroupChanges = 1024;                    ///< Changes in one commit.
inline constexpr size_t kGroupBytes = size_t{16} << 20;          ///< Rows appended in one commit.
inline constexpr unsigned kGroupTries = 8;                       ///< Of one commit against other servers' commits.
inline constexpr size_t kEventBytes = size_t{32} << 10;          ///< One event of the outbox.
inline constexpr size_t kEventsRead = 1000;                      ///< Events that one call gives.

inline constexpr size_t kIdBytes = 64;             ///< The id of an area, a department, a role, a rule.
inline constexpr size_t kAreas = size_t{1} << 20;  ///< Areas of one installation.
inline constexpr size_t kAreaDepth = 16;           ///< Levels of areas.
inline constexpr size_t kPolicyTerms = 256;        ///< Roles of one policy; actions, kinds of resource, purposes.
inline constexpr size_t kPolicyRules = 1024;       ///< Rules of one policy.
inline constexpr int kGrades = 5;                  ///< Grades of fields, from 1, open to all.
inline constexpr size_t kPacks = 256;              ///< Packs of one installation; datasets of one pack.
inline constexpr size_t kFieldsOfKind = 64;        ///< Fields of one kind of entity.
inline constexpr size_t kLoginNameBytes = 256;     ///< A login name as typed.
inline constexpr size_t kPasswordBytes = 1024;     ///< A password as typed.
inline constexpr size_t kPostsOfAccount = 64;      ///< Posts that one account holds.
inline constexpr size_t kSessionsOfAccount = 20;   ///< Sessions of one account; a new one ends the oldest.
inline constexpr unsigned kPasswordHashes = 2;     ///< Computed at one time; each takes tens of megabytes.
inline constexpr size_t kIdTokenBytes = 65536;     ///< An ID token of a sign-on provider.
inline constexpr size_t kProviderBytes = size_t{1} << 20;  ///< One answer of a sign-on provider.
inline constexpr size_t kProviderKeys = 64;                ///< Keys of one sign-on provider.

inline constexpr size_t kHeadBytes = 16'384;                    ///< Request line and header fields of one request.
inline constexpr size_t kHeaderFields = 64;                     ///< Of one request.
inline constexpr size_t kTargetBytes = 4096;                    ///< Path and query of one request.
inline constexpr size_t kQueryParameters = 64;                  ///< Of one request.
inline constexpr size_t kBodyBytes = size_t{1} << 20;           ///< Of a request, unless its operation says else.
inline constexpr size_t kAnyBodyBytes = size_t{64} << 20;       ///< The most that an operation may say.
inline constexpr size_t kJsonDepth = 32;                        ///< Nesting of a body.
inline constexpr size_t kFieldErrors = 20;                      ///< That one answer tells.
inline constexpr size_t kSchemaDepth = 64;                      ///< Nesting of a schema.
inline constexpr size_t kPatternBytes = 512;                    ///< A pattern of a schema.
inline constexpr size_t kOperations = 1024;                     ///< Of one contract.
inline constexpr size_t kConnections = 10'000;                  ///< Of one server.
inline constexpr size_t kConnectionsOfAddress = 2'000;          ///< Of one client's address.
inline constexpr size_t kRequestsInWork = 4'096;                ///< That one server works on.
inline constexpr size_t kRememberedCallers = 16'384;            ///< Sessions and keys, for a second.
inline constexpr size_t kPasswordQueue = 64;                    ///< Requests that wait for a password's hash.
inline constexpr size_t kIdempotencyKeyBytes = 255;             ///< An Idempotency-Key.
inline constexpr size_t kKeptAnswerBytes = size_t{1} << 20;     ///< An answer that is kept for its key.
inline constexpr size_t kCompressFrom = 1'400;                  ///< Bytes of an answer; below it fits one packet.
inline constexpr size_t kCompressUpTo = size_t{1} << 20;        ///< Bytes of an answer.
inline constexpr size_t kStaticFiles = 4'096;                   ///< Of the web front.
inline constexpr size_t kStaticBytes = size_t{128} << 20;       ///< Of the web front, in memory.
inline constexpr size_t kWorkerQueue = 1'024;                   ///< Requests that wait for a worker.
inline constexpr std::chrono::milliseconds kHeadTime{10'000};   ///< For a request's head, from its first byte.
inline constexpr std::chrono::milliseconds kBodyTime{60'000};   ///< For a request's body.
inline constexpr std::chrono::milliseconds kIdleTime{75'000};   ///< Of a connection between requests.
inline constexpr std::chrono::milliseconds kWriteTime{30'000};  ///< For a client to take the next bytes of an answer.
inline constexpr std::chrono::milliseconds kStopTime{20'000};   ///< For what is under way when a server stops.
inline constexpr std::chrono::milliseconds kWorkTime{30'000};   ///< Of one request, unless its operation says else.

inline constexpr size_t kAsks = 16'384;                   ///< Questions that wait at the vault's door.
inline constexpr size_t kAsksAtOnce = 128;                ///< That the door answers by one change.
inline constexpr size_t kMatches = 20;                    ///< Subjects that one look-up shows.
inline constexpr size_t kMatchesSeen = 1000;              ///< That one look-up looks at.
inline constexpr size_t kSubjectBytes = size_t{1} << 20;  ///< What the vault keeps of one subject.
inline constexpr size_t kRecordsOfSubject = 4096;         ///< Records that one subject was made from; links as many.
inline constexpr size_t kIntakeGroup = 1000;              ///< Subjects taken in, or sealed anew, by one change.
inline constexpr size_t kIntakeAhead = 4;                 ///< Such groups under way.
inline constexpr size_t kLedgerPage = 200;                ///< Disclosures that one call gives.
inline constexpr size_t kMasterKeys = 16;                 ///< Master keys of one file.

}  // namespace zhili::limits
