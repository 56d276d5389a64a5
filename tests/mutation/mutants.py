# SPDX-License-Identifier: Apache-2.0
"""The mutants: one broken rule each, and the tests that must notice. Rows go by room, in the order of the source."""

from typing import NamedTuple


class Mutant(NamedTuple):
    rule: str  # what is no longer true
    file: str
    line: str  # stands in the file exactly once
    instead: str
    tests: str  # room
    filter: str  # of GoogleTest


SCANNER = 'host/http/head_scanner.cc'
GUARD = 'host/http/head_guard.cc'
PARSER = 'host/http/head_parser.cc'
CHUNKS = 'host/http/chunked_body.cc'
BODY = 'host/http/body_reader.cc'
SESSION = 'host/http/session.cc'
PLACES = 'host/http/address_places.cc'
TIMESTAMP = 'host/auth/timestamp.cc'
CREDENTIALS = 'host/auth/credentials.cc'
SIGNATURE = 'host/auth/signature.cc'
TOKEN = 'host/auth/token.cc'
SCHEMES = 'host/auth/schemes.cc'
INTAKE = 'host/intake/intake.cc'
CHECK = 'host/intake/sender_check.cc'
REPEAT = 'host/intake/repeat_check.cc'
SEEN = 'host/intake/seen_ids.cc'
ACCESS = 'host/admin/access.cc'
ADMIN = 'host/admin/admin.cc'
TABLES = 'host/store/journal_tables.cc'
WRITER = 'host/store/journal_writer.cc'

MUTANTS = [
    # http: lines of the head
    Mutant('a line ends with CR LF', SCANNER, "if (at == line_ || bytes[at - 1] != '\\r') return", 'if (at == line_) return',
           'http', 'HeadGuard.*'),
    Mutant('no folded header', SCANNER, "if (bytes[line_] == ' ' || bytes[line_] == '\\t') return", 'if (false) return',
           'http', 'HeadGuard.*'),
    Mutant('HTTP 1.0 and 1.1 only', SCANNER, "return end[6] == '1' && end[8] <= '1' ?", "return end[6] == '1' ?",
           'http', 'HeadGuard.*'),
    Mutant('the limit of a head', SCANNER, 'begin_ + limits.head_bytes_max;', 'begin_ + limits.head_bytes_max + 1;',
           'http', 'HeadGuard.*'),
    Mutant('the number of headers', PARSER, 'if (count == headers_.size()) {', 'if (count + 1 == headers_.size()) {',
           'http', 'HeadGuard.*'),
    # http: framing
    Mutant('no length beside an encoding', GUARD, 'if (found.has_length && found.has_encoding) return', 'if (false) return',
           'http', 'HeadGuard.*'),
    Mutant('no encoding on HTTP/1.0', GUARD, 'if (version == 10) return Rule::kTransferEncodingOn10;',
           'if (version == 9) return Rule::kTransferEncodingOn10;', 'http', 'HeadGuard.*'),
    Mutant('no encoding but chunked', GUARD, 'if (!ascii_iequals(found.transfer_encoding, "chunked")) return',
           'if (found.transfer_encoding.find("chunked") == std::string_view::npos) return', 'http', 'HeadGuard.*'),
    Mutant('no repeated framing or host', GUARD, 'if (rule == Rule::kFraming || rule == Rule::kHost) return rule;',
           'if (rule == Rule::kHost) return rule;', 'http', 'HeadGuard.*'),
    Mutant('no repeated credential or id', GUARD, 'if ((seen & bit) != 0) rule = known.when_repeated;',
           'if ((seen & bit) != 0 && known.field != Field::kOther) rule = known.when_repeated;', 'http', 'HeadGuard.*'),
    Mutant('framing is judged first', GUARD, 'const bool is_broken =\n', 'if (of_headers != Rule::kAccepted) return of_headers;\n'
           '  const bool is_broken =\n', 'http', 'HeadGuard.*'),
    Mutant('a length has digits only', GUARD, 'if (!is_digit(c)) return false;\n    length', 'length', 'http', 'HeadGuard.*'),
    Mutant('a length fits 64 bits', GUARD, 'if (value.empty() || value.size() > kDigitsMax) return',
           'if (value.empty() || value.size() > 2 * kDigitsMax) return',
           'http', 'HeadGuard.*'),
    # http: the rest of the head
    Mutant('1.1 needs a Host', GUARD, 'return version == 11 ? Rule::kHost : Rule::kAccepted;',
           'return version == 9 ? Rule::kHost : Rule::kAccepted;',
           'http', 'HeadGuard.*'),
    Mutant('a Host is a host', GUARD, 'return is_host(found.host) ? Rule::kAccepted : Rule::kHost;', 'return Rule::kAccepted;',
           'http', 'HeadGuard.*'),
    Mutant('no underscore in a name', GUARD, "return name.find('_') == std::string_view::npos ? Rule::kAccepted",
           "return name.find('\\n') == std::string_view::npos ? Rule::kAccepted", 'http', 'HeadGuard.*'),
    Mutant('no fragment in a target', GUARD, "|| byte >= 0x7f || byte == '#')", '|| byte >= 0x7f)', 'http', 'HeadGuard.*'),
    Mutant('the limit of a target', GUARD, 'if (target.size() > limits.target_bytes_max) return',
           'if (target.size() >= limits.target_bytes_max) return', 'http', 'HeadGuard.*'),
    Mutant('no TRACE', GUARD, '|| method == "TRACE";', ';', 'http', 'HeadGuard.*'),
    Mutant('close beats keep-alive', GUARD, 'framing.keep_alive = !found.close && (', 'framing.keep_alive = (',
           'http', 'HeadGuard.*'),
    Mutant('no 100 for HTTP/1.0', GUARD, 'found.expects_continue && head.version == 11;', 'found.expects_continue;',
           'http', 'HeadGuard.*'),
    Mutant('no Content-Encoding', GUARD, 'if (!ascii_iequals(value, "identity")) return', 'if (false) return',
           'http', 'HeadGuard.*'),
    # http: bodies
    Mutant('a chunk size has 16 digits', CHUNKS, 'if (++digits_ > kDigitsMax) return', 'if (false) return', 'http', 'BodyReader.*'),
    Mutant('a chunk size has a digit', CHUNKS, 'if (digits_ == 0) return refuse(Rule::kChunk);', '', 'http', 'BodyReader.*'),
    Mutant('chunks count together', CHUNKS, 'if (left_ > body_bytes_max_ - body_bytes_) return',
           'if (left_ > body_bytes_max_) return', 'http', 'BodyReader.*'),
    Mutant('CR behind the data', CHUNKS, "if (byte != '\\r') refuse(Rule::kChunk);", '', 'http', 'BodyReader.*'),
    Mutant('no control character in an extension', CHUNKS, 'if (!is_text(byte)) refuse(Rule::kChunk);\n      return;\n'
           '    case Step::kSizeLf', 'return;\n    case Step::kSizeLf', 'http', 'BodyReader.*'),
    Mutant('the limit of extensions', CHUNKS, 'if (++extension_bytes_ > kChunkExtensionBytesMax) return', 'if (false) return',
           'http', 'BodyReader.*'),
    Mutant('the limit of trailers', CHUNKS, 'if (++trailer_bytes_ > kTrailerBytesMax) return', 'if (false) return',
           'http', 'BodyReader.*'),
    Mutant('the limit of a body', BODY, 'if (length > bytes_max) {', 'if (length >= bytes_max) {', 'http', 'BodyReader.*:Door.*'),
    Mutant('nothing is allocated for an announcement', BODY, 'std::min<std::uint64_t>(length, kBodyBytesFirst)', 'length',
           'http', 'BodyReader.*'),
    Mutant('a body grows within the memory', BODY, 'if (!memory_.take(growth)) return refuse(Rule::kMemoryFull), false;',
           'memory_.take_always(growth);', 'http', 'BodyReader.*:Session.Bodies*'),
    Mutant('a body gives its memory back', BODY, '  memory_.give_back(buffer_bytes());\n', '', 'http', 'BodyReader.*:Session.Bodies*'),
    Mutant('the ceiling belongs to the good side', 'host/http/memory_account.h', 'bytes > bytes_max_ - held)', 'bytes >= bytes_max_ - held)',
           'http', 'BodyReader.*'),
    # http: connections
    Mutant('an unread body ends the connection', SESSION, '|| !exchange_->reader().skip();',
           '|| !(exchange_->reader().skip() || true);', 'http', 'Door.*'),
    Mutant('no 100 for a body that is here', SESSION, 'exchange.framing().expects_continue && exchange.reader().bytes() == 0 &&',
           'exchange.framing().expects_continue &&', 'http', 'Door.*'),
    Mutant('a refused head ends the connection', 'host/http/open_exchange.cc',
           'response_.close = rule != Rule::kOutOfMemory && rule != Rule::kException;', 'response_.close = false;', 'http', 'Door.*'),
    Mutant('nobody who has spoken makes room', 'host/http/event_loop.cc', 'if (!session.has_input()) return &session;',
           'return &session;', 'http', 'Session.*'),
    Mutant('an address has its share of connections', PLACES, 'if (std::min(first, second) < max_) return',
           'if (std::min(first, second) <= max_) return', 'http', 'AddressPlaces.*:Door.*'),
    Mutant('a /64 is one address', PLACES, 'number(address.data(), 8);', 'number(address.data() + 8, 8);', 'http', 'AddressPlaces.*'),
    Mutant('a place comes back', 'host/http/address_places.h', 'if (places_ != nullptr) places_->give_back(cells_);', '',
           'http', 'AddressPlaces.*:Door.*'),
    Mutant('the end is orderly', SESSION, 'transport_.end_output(fd());\n  phase_ = Phase::kLingering;',
           'return close();\n  phase_ = Phase::kLingering;', 'http', 'Door.*'),
    Mutant('the deadline of a head', SESSION, 'deadline_ = phase_started_ + loop_.limits().head_timeout;',
           'deadline_ = phase_started_ + std::chrono::hours(1);', 'http', 'Session.RefusesAHead*'),
    Mutant('plain HTTP is not TLS', SESSION, 'if (first != kHandshakeRecord) return refuse(Rule::kNotTls);', '', 'http', '*Tls*.*'),
    Mutant('the deadline of a handshake', SESSION, 'deadline_ = phase_started_ + loop_.limits().handshake_timeout;',
           'deadline_ = phase_started_ + std::chrono::hours(1);', 'http', '*Tls*.*'),
    # auth
    Mutant('old up to the edge', TIMESTAMP, 'if (age > window)', 'if (age >= window)', 'auth', 'Timestamp.*'),
    Mutant('ahead up to the edge', TIMESTAMP, 'return age < -window ?', 'return age <= -window ?', 'auth', 'Timestamp.*'),
    Mutant('a timestamp is digits', TIMESTAMP, "if (c < '0' || c > '9') return std::nullopt;", '', 'auth', 'Timestamp.*'),
    Mutant('every secret is tried', 'host/auth/credentials.h',
           'found += static_cast<unsigned>(verdict(entry)) * number * static_cast<unsigned>(found == 0);',
           'if (verdict(entry)) return number;', 'auth', 'Credentials.*'),
    Mutant('a secret has its time', CREDENTIALS, 'return (is_equal & is_current) != 0;', 'return (is_equal | (is_current & 0U)) != 0;',
           'auth', 'Credentials.*'),
    Mutant('the last moment counts', CREDENTIALS, 'entry.not_before <= now && now <= entry.not_after;',
           'entry.not_before <= now && now < entry.not_after;', 'auth', 'Credentials.*'),
    Mutant('no text longer than a secret', CREDENTIALS, 'if (text.size() > kSecretBytesMax) return 0;', '', 'auth', 'Credentials.*'),
    Mutant('a key has its time', SIGNATURE, 'return not_before <= now && now <= not_after; }', 'return now <= not_after; }',
           'auth', 'SignatureSecrets.*'),
    Mutant('a signature is fresh', SIGNATURE, 'if (const Proof fresh = freshness_of(sent, now); fresh != Proof::kAccepted) return {fresh};',
           '', 'auth', '*Vectors*:SlackSignature.*'),
    Mutant('no repeated signature', SIGNATURE, 'signature.count > 1 || timestamp.count > 1', 'timestamp.count > 1', 'auth', '*Vectors*'),
    Mutant('ten signatures', SIGNATURE, 'if (++tried > kSignaturesMax) return', 'if (++tried >= kSignaturesMax) return',
           'auth', 'StandardSignature.*'),
    Mutant('one timestamp', SIGNATURE, 'if (stamps > 1) return Proof::kRepeated;', '', 'auth', 'StripeSignature.*'),
    Mutant('the body is signed', SCHEMES, '.text = "v0:{ts}:{body}"', '.text = "v0:{ts}:"', 'auth', '*Vectors*:SlackSignature.*'),
    Mutant('one token', TOKEN, 'return sent.count > 1 ? Verdict{Proof::kRepeated} :', 'return', 'auth', 'HubSecret.*'),
    Mutant('the query is looked at where allowed', TOKEN, 'if (!options_.in_query) return {Proof::kMissing};', '', 'auth', 'HubSecret.*'),
    Mutant('no empty secret', TOKEN, 'if (text.empty()) return "is empty";', '', 'auth', 'HubSecret.*'),
    # store
    Mutant('appends are synced', TABLES, 'const bool is_full = durability == Durability::kFull;', 'const bool is_full = false;', 'store',
           'PowerCut.*'),
    Mutant('what somebody is told is synced', WRITER, 'tells_somebody ? Durability::kFull : Durability::kOrder',
           'group.events.empty() ? Durability::kFull : Durability::kOrder', 'store', 'PowerCut.*'),
    Mutant('a twin is looked for', TABLES, 'if (!*row || rows.integer(1) < twin_after_ms) return',
           'if (!*row || rows.integer(1) < twin_after_ms || id == 0) return', 'store',
           '*JournalSuite*Twin*'),
    Mutant('a twin has its window', TABLES, 'rows.integer(1) < twin_after_ms', 'rows.integer(1) <= twin_after_ms', 'store',
           '*JournalSuite*Twin*'),
    Mutant('a dead one is revived', TABLES, 'if (last.state == State::kDead) {\n        if (auto done = run_again(',
           'if (false) {\n        if (auto done = run_again(', 'store', '*JournalSuite*Twin*'),
    Mutant('nobody is told before the commit', WRITER, 'auto committed = tables_->commit();\n  if (!committed) return committed.error();',
           'auto committed = tables_->commit();\n  if (!committed) return answers;', 'store', 'Fault.*:FullDisk.*'),
    Mutant('a failed group is not kept', WRITER, 'i < answers.size() ? answers[i] : Appended{};',
           'i < answers.size() ? answers[i] : Appended{Appended::Kind::kKept, events[i].event.id, State::kReady};', 'store',
           'Fault.*:FullDisk.*'),
    Mutant('a lease ends after a failed write too', WRITER, 'finishes_ = std::move(group.finishes);', '', 'store', 'Fault.*'),
    Mutant('a failed sync is not believed the next time', WRITER,
           'if (auto emptied = tables_->checkpoint_all(); !emptied) return stumble(emptied.error());', '', 'store', 'Fault.*'),
    Mutant('the reserve of the disk', WRITER, 'if (free && *free < options_.disk_reserve)', 'if (false)', 'store', 'FullDisk.*'),
    Mutant('what is ready stays', TABLES, 'if (is_open || !lapsed) continue;', 'if ((is_open && false) || !lapsed) continue;', 'store', 'Retention.*'),
    Mutant('the newest stays', TABLES, 'oldest_.query(cursor, pending_tally_.newest, Retention::kSeenMax)',
           'oldest_.query(cursor, pending_tally_.newest + 1, Retention::kSeenMax)', 'store', 'Retention.*'),
    Mutant('a clock that is ahead is believed for a day', 'host/store/journal_time.h', '*newest_ms + kOffMax.count())',
           '*newest_ms + 1000 * kOffMax.count())', 'store', 'JournalTime.*'),
    Mutant('credentials are not kept', 'host/store/event_head.cc', 'if (is_credential(header.name)) continue;', '', 'store', 'EventHead.*'),
    Mutant('SHA-1 under its name', SCHEMES, '.prefix = "sha1=", .algorithm = Algorithm::kSha1', '.prefix = "sha1="', 'auth', 'GithubSignature.*'),
    Mutant('an id in the body', SCHEMES, '.delivery_id_in_body = "/event_id"', '.delivery_id_in_body = ""', 'auth', 'Schemes.*'),
    # intake
    Mutant('a header proves first', INTAKE, 'if (const auto proof = sender.by_head(); !proof) co_return visit.refuse(proof.error());',
           '', 'intake', 'Corridor.*:Sender.*'),
    Mutant('a body proves before it is parsed', INTAKE,
           'if (const auto proof = sender.by_body(*body); !proof) co_return visit.refuse(proof.error());', '',
           'intake', 'Corridor.*:Sender.*'),
    Mutant('only allowed addresses', INTAKE, 'if (client && contains(route.allow_from, client->ip)) return {};', 'if (client) return {};',
           'intake', 'Corridor.*'),
    Mutant('nobody without an address', INTAKE, 'if (client && contains(', 'if (!client || contains(', 'intake', 'Corridor.*'),
    Mutant('the limit of the route', INTAKE, 'exchange.read_body(route.body_bytes_max);', 'exchange.read_body(~std::size_t{0});',
           'intake', 'Corridor.*'),
    Mutant('the rate of a route', 'host/routing/rate_limit.h', 'if (early > 0) return', 'if (false) return', 'routing', 'RateLimit.*'),
    Mutant('a repository that is not wanted', 'host/intake/event_choice.cc', 'return is_said && !is_inside;', 'return false;', 'intake',
           'Corridor.*'),
    Mutant('a repeat wakes no handler', INTAKE, 'if (*twin) co_return visit.duplicate(**twin);', '', 'intake', 'Repeat.*'),
    Mutant('no 2xx, no repeat', REPEAT, 'if (!held_ || response.status < 200 || response.status > 299) return;',
           'if (!held_ || response.status < 200) return;', 'intake', 'Repeat.*'),
    Mutant('a failure gives its place back', REPEAT, 'if (held_) seen_->forget(*held_);', '', 'intake', 'Repeat.*'),
    Mutant('a stranger uses up no id', REPEAT, 'is_proved = route_.authenticator != nullptr;', 'is_proved = true;', 'intake', 'Repeat.*'),
    Mutant('the window ends', SEEN, 'if (now <= record.place->until) return', 'return', 'intake', 'SeenIds.*:Repeat.*'),
    Mutant('ids are bounded in number', SEEN, 'acknowledged_.size() > count_max_ || ', '', 'intake', 'SeenIds.*'),
    Mutant('large bodies are not guessed about', CHECK, 'if (body.size() <= kGuessBodyBytesMax && ', 'if (', 'intake', 'Sender.*'),
    # app
    Mutant('a renewal is due', 'host/app/doctor.cc', 'facts.clock.now <= kRenewalDue)', 'facts.clock.now < kRenewalDue)', 'app', 'Doctor.*'),
    # admin
    Mutant('no foreign name', ADMIN, 'if (!hosts_.allows(head)) co_return', 'if (false) co_return', 'admin', '*'),
    Mutant('a name needs its port to be one', ACCESS, 'return is_port(host.substr(colon + 1)) ?', 'return true ?',
           'admin', 'HostAllowList.*'),
    Mutant('all addresses, but no name', ACCESS, 'if (any_address_ && is_address(host, name)) return true;',
           'if (any_address_ && (is_address(host, name) || true)) return true;', 'admin', 'HostAllowList.*'),
    Mutant('the token is looked at', ADMIN, 'case TokenGate::Verdict::kWrong: co_return wants_token();',
           'case TokenGate::Verdict::kWrong:\n      if (head.method != "GET") co_return wants_token();\n      break;', 'admin', '*'),
    Mutant('guessing is slowed down', ACCESS, 'closed_until_ = now + kPause;', '', 'admin', 'TokenTest.*'),
    Mutant('the pause holds for the right token too', ACCESS, 'if (now < closed_until_) return Verdict::kSlowDown;',
           'if (now < closed_until_ && !is_bearer) return Verdict::kSlowDown;', 'admin', 'TokenTest.*'),
    Mutant('a right token ends a row of wrong ones', ACCESS, '    failures_ = 0;\n    return Verdict::kPass;',
           '    return Verdict::kPass;', 'admin', 'TokenTest.*'),
    Mutant('only Bearer', ACCESS, 'ascii_iequals(text.substr(0, kBearer.size()), kBearer);', 'true;', 'admin', 'TokenTest.*'),
]
