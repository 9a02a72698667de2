import Dispatch
import Synchronization

/// Finds the client that a request comes from.
///
/// Secrets are kept as digests under a key of the process' own, and compared whole. Passwords are
/// verified beside the pool that serves requests, since that is meant to take long; one that was right
/// is not verified again until its hash is another.
package final class Authenticator: Sendable {
    package let clients: [Client]
    private let key: [UInt8]
    private let secrets: Mutex<KnownSecrets>
    private let waiting = Mutex(0)
    /// One at a time: whoever guesses passwords gets one core at most.
    private let queue = DispatchQueue(label: "isthmus.passwords")

    /// Passwords that wait to be verified; whoever comes then is told to come again.
    private static let maximumWaiting = 64

    /// Whom a request comes from.
    package enum Verdict: Hashable, Sendable {
        /// The client's place among `clients`.
        case client(Int)
        /// It does not say.
        case absent
        /// It says something that is not so.
        case wrong
        /// Too many passwords wait to be verified.
        case busy
    }

    /// The secrets are those of the clients in the same places.
    package init(clients: [Client], secrets: [ClientSecrets]) {
        self.clients = clients
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        self.secrets = Mutex(KnownSecrets(secrets, key: key))
    }

    /// Puts other secrets of the same clients in force.
    package func replace(with secrets: [ClientSecrets]) {
        let next = KnownSecrets(secrets, key: key)
        self.secrets.withLock { $0 = next.remembering($0) }
    }

    /// Which kinds of credentials any client has.
    package var kinds: (bearer: Bool, basic: Bool) {
        secrets.withLock { (!$0.tokens.isEmpty, !$0.users.isEmpty) }
    }

    package func verdict(on credentials: Credentials) async -> Verdict {
        switch credentials {
        case .none: return .absent
        case .unreadable: return .wrong
        case .bearer(let token):
            let digest = SHA256.digest([key, token])
            let found = secrets.withLock { $0.client(ofToken: digest) }
            return found.map { .client($0) } ?? .wrong
        case .basic(let name, let password): return await verdict(on: name, password)
        }
    }

    private func verdict(on name: String, _ password: [UInt8]) async -> Verdict {
        let claim = secrets.withLock { $0.claim(of: name) }
        let digest = SHA256.digest([key, Array(claim.hash.text.utf8), password])
        if isRemembered(claim, digest) { return verdict(claim, isRight: true) }
        let hasRoom = waiting.withLock { count in
            if count >= Self.maximumWaiting { return false }
            count += 1
            return true
        }
        guard hasRoom else { return .busy }
        let isRight = await withCheckedContinuation { continuation in
            queue.async { [self] in
                // Somebody with the same may have been before.
                let isRight =
                    isRemembered(claim, digest) || claim.hash.matches(password)
                waiting.withLock { $0 -= 1 }
                continuation.resume(returning: isRight)
            }
        }
        if isRight, claim.client != nil {
            secrets.withLock { $0.remember(digest, of: claim) }
        }
        return verdict(claim, isRight: isRight)
    }

    private func isRemembered(_ claim: KnownSecrets.Claim, _ digest: [UInt8]) -> Bool {
        secrets.withLock { $0.remembers(digest, of: claim) }
    }

    private func verdict(_ claim: KnownSecrets.Claim, isRight: Bool) -> Verdict {
        guard isRight, let client = claim.client else { return .wrong }
        return .client(client)
    }
}

/// The secrets in force. A value with plain changes.
private struct KnownSecrets: Sendable {
    /// Digests of all tokens.
    private(set) var tokens: [(digest: [UInt8], client: Int)] = []
    private(set) var users: [String: User] = [:]
    /// What whoever has no name here is verified against: it must not be quicker.
    private var nobody = PasswordHash.unmatched(cost: 10)

    struct User: Sendable {
        var client: Int
        var hash: PasswordHash
        /// Of the password that was right last; nil before the first.
        var remembered: [UInt8]?
    }

    /// Who somebody says to be; `client` is nil for nobody.
    struct Claim: Sendable {
        var name: String
        var client: Int?
        var hash: PasswordHash
    }

    init(_ secrets: [ClientSecrets], key: [UInt8]) {
        for (client, secret) in secrets.enumerated() {
            for token in secret.tokens {
                tokens.append((SHA256.digest([key, Array(token.utf8)]), client))
            }
            if let user = secret.user {
                users[user.name] = User(client: client, hash: user.hash)
            }
        }
        if let cost = users.values.map(\.hash.cost).max() {
            nobody = .unmatched(cost: cost)
        }
    }

    /// With what was remembered of users whose hashes are the same.
    func remembering(_ earlier: KnownSecrets) -> KnownSecrets {
        var next = self
        for (name, user) in users {
            guard let known = earlier.users[name], known.hash == user.hash else { continue }
            next.users[name]?.remembered = known.remembered
        }
        return next
    }

    /// All tokens are compared, each whole, so that the time says nothing.
    func client(ofToken digest: [UInt8]) -> Int? {
        var found: Int?
        for token in tokens where Self.areEqual(token.digest, digest) { found = token.client }
        return found
    }

    func claim(of name: String) -> Claim {
        guard let user = users[name] else { return Claim(name: name, client: nil, hash: nobody) }
        return Claim(name: name, client: user.client, hash: user.hash)
    }

    func remembers(_ digest: [UInt8], of claim: Claim) -> Bool {
        guard let user = users[claim.name], user.hash == claim.hash,
            let remembered = user.remembered
        else { return false }
        return Self.areEqual(remembered, digest)
    }

    mutating func remember(_ digest: [UInt8], of claim: Claim) {
        guard users[claim.name]?.hash == claim.hash else { return }
        users[claim.name]?.remembered = digest
    }

    private static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var differences: UInt8 = 0
        for index in one.indices { differences |= one[index] ^ other[index] }
        return differences == 0
    }
}
