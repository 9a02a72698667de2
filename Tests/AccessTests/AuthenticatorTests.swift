import Access
import Clusters
import Testing

/// Who is let in, by which secret.
@Suite struct AuthenticatorTests {
    static let hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
    static let otherHash = "$2y$04$zbcdefghijklmnopqrstuujmckVBwAI6xzRfQB9w/M/rpeWR4WDza"

    private static let clients = [Client(name: "grafana"), Client(name: "eu"), Client(name: "us")]

    private func secrets() throws -> [ClientSecrets] {
        let eu = try #require(PasswordHash(Self.hash))
        let us = try #require(PasswordHash(Self.otherHash))
        return [
            ClientSecrets(tokens: ["first-token-of-grafana", "second-token-of-grafana"]),
            ClientSecrets(tokens: ["a-token-of-eu-people"], user: .init(name: "eu", hash: eu)),
            ClientSecrets(user: .init(name: "us", hash: us)),
        ]
    }

    private func basic(_ user: String, _ password: String) -> Credentials {
        .basic(user: user, password: Array(password.utf8))
    }

    private func bearer(_ token: String) -> Credentials { .bearer(Array(token.utf8)) }

    @Test func aTokenIsItsClients() async throws {
        let authenticator = Authenticator(clients: Self.clients, secrets: try secrets())
        #expect(await authenticator.verdict(on: bearer("first-token-of-grafana")) == .client(0))
        #expect(await authenticator.verdict(on: bearer("second-token-of-grafana")) == .client(0))
        #expect(await authenticator.verdict(on: bearer("a-token-of-eu-people")) == .client(1))
        #expect(await authenticator.verdict(on: bearer("a-token-of-eu-peoplf")) == .wrong)
        #expect(await authenticator.verdict(on: bearer("")) == .wrong)
        #expect(await authenticator.verdict(on: bearer("a-token-of-eu-people ")) == .wrong)
        #expect(await authenticator.verdict(on: .none) == .absent)
        #expect(await authenticator.verdict(on: .unreadable) == .wrong)
        #expect(authenticator.kinds == (true, true))
    }

    @Test func aPasswordIsVerifiedAgainstItsUsersHash() async throws {
        let authenticator = Authenticator(clients: Self.clients, secrets: try secrets())
        // The second time it is remembered.
        for _ in 0..<2 {
            #expect(await authenticator.verdict(on: basic("eu", "correct horse")) == .client(1))
            #expect(await authenticator.verdict(on: basic("us", "secret-us")) == .client(2))
            #expect(await authenticator.verdict(on: basic("us", "correct horse")) == .wrong)
            #expect(await authenticator.verdict(on: basic("eu", "correct hors")) == .wrong)
            #expect(await authenticator.verdict(on: basic("eu", "")) == .wrong)
            #expect(await authenticator.verdict(on: basic("nobody", "correct horse")) == .wrong)
            #expect(await authenticator.verdict(on: basic("grafana", "")) == .wrong)
        }
    }

    @Test func whatFollowsAZeroCounts() async throws {
        let authenticator = Authenticator(clients: Self.clients, secrets: try secrets())
        #expect(await authenticator.verdict(on: basic("eu", "correct horse\0more")) == .wrong)
    }

    @Test func otherSecretsHoldFromTheirReplacementOn() async throws {
        let authenticator = Authenticator(clients: Self.clients, secrets: try secrets())
        #expect(await authenticator.verdict(on: basic("eu", "correct horse")) == .client(1))
        var next = try secrets()
        next[0].tokens = ["third-token-of-grafana"]
        next[1].user?.hash = try #require(PasswordHash(Self.otherHash))
        authenticator.replace(with: next)
        #expect(await authenticator.verdict(on: bearer("first-token-of-grafana")) == .wrong)
        #expect(await authenticator.verdict(on: bearer("third-token-of-grafana")) == .client(0))
        #expect(await authenticator.verdict(on: basic("eu", "correct horse")) == .wrong)
        #expect(await authenticator.verdict(on: basic("eu", "secret-us")) == .client(1))
    }

    @Test func whoeverComesWhenTooManyWaitIsToldSo() async throws {
        let authenticator = Authenticator(clients: Self.clients, secrets: try secrets())
        let verdicts = await withTaskGroup(of: Authenticator.Verdict.self) { group in
            for number in 0..<500 {
                group.addTask { await guess(number, authenticator) }
            }
            var verdicts: [Authenticator.Verdict] = []
            for await verdict in group { verdicts.append(verdict) }
            return verdicts
        }
        #expect(Set(verdicts).isSubset(of: [.wrong, .busy]))
        #expect(verdicts.contains(.wrong))
        // And then there is room again.
        #expect(await authenticator.verdict(on: basic("eu", "correct horse")) == .client(1))
    }

    private func guess(
        _ number: Int, _ authenticator: Authenticator
    ) async -> Authenticator.Verdict {
        await authenticator.verdict(on: basic("eu", "guess \(number)"))
    }

    @Test func nothingDescribesASecret() throws {
        let secrets = try secrets()
        let credentials = [
            basic("eu", "correct horse"), bearer("first-token-of-grafana"), .none, .unreadable,
        ]
        var texts = ""
        dump(secrets, to: &texts)
        dump(credentials, to: &texts)
        texts += "\(secrets) \(String(reflecting: secrets)) \(credentials)"
        for secret in ["token-of", "horse", "$2b$", "$2y$"] {
            #expect(!texts.contains(secret), "\(secret)")
        }
    }
}

/// Which hashes are taken.
@Suite struct PasswordHashTests {
    @Test(arguments: [
        "", "correct horse", "$1$abc$def", "$2b$04$short", "$2x$04$HASHBODY", "$2b$03$HASHBODY",
        "$2b$15$HASHBODY", "$2b$xx$HASHBODY", "$2b$04$HASHBODY.", "$2b$04$HASHBOD!",
    ])
    func otherThanBcryptOfABearableCostIsRefused(_ text: String) {
        let body = String(AuthenticatorTests.hash.dropFirst(7))
        let hash =
            text
            .replacing("HASHBODY", with: body)
            .replacing("HASHBOD!", with: String(body.dropLast()) + "!")
        #expect(PasswordHash(hash) == nil)
    }

    @Test(arguments: ["$2a$", "$2b$", "$2y$"])
    func allKindsOfBcryptAreTaken(_ kind: String) {
        #expect(PasswordHash(kind + AuthenticatorTests.hash.dropFirst(4)) != nil)
    }
}

/// What the header `Authorization` says.
@Suite struct CredentialsTests {
    @Test func noHeaderSaysNothing() {
        #expect(Credentials(authorization: []) == .none)
    }

    @Test(arguments: ["Bearer abc.def", "bearer abc.def", "BEARER   abc.def"])
    func aTokenIsRead(_ field: String) {
        #expect(Credentials(authorization: [field]) == .bearer(Array("abc.def".utf8)))
    }

    @Test(arguments: [
        ("Basic dXNlcjpwYXNz", "user", "pass"), ("basic dXNlcjpwYTpzcw==", "user", "pa:ss"),
        ("Basic dXNlcjpwYTpzcw", "user", "pa:ss"), ("Basic Og==", "", ""),
        ("Basic w7xzZXI6cMOkc3M=", "üser", "päss"),
    ])
    func aUserAndAPasswordAreRead(_ field: String, _ user: String, _ password: String) {
        #expect(
            Credentials(authorization: [field])
                == .basic(user: user, password: Array(password.utf8)))
    }

    @Test(arguments: [
        "", "Bearer", "Bearer ", "Bearer a b", "Basic", "Basic !!!!", "Basic dXNlcg==",
        "Basic dXNlcjpwYXNz=", "Digest username=x", "Basic /zpw", "Bearer\ta",
    ])
    func whatCannotBeReadIsNobodys(_ field: String) {
        #expect(Credentials(authorization: [field]) == .unreadable)
    }

    @Test func severalHeadersAreNobodys() {
        #expect(
            Credentials(authorization: ["Bearer abcdefgh", "Bearer abcdefgh"]) == .unreadable)
    }

    @Test func aVeryLongHeaderIsNobodys() {
        let long = "Bearer " + String(repeating: "a", count: 100_000)
        #expect(Credentials(authorization: [long]) == .unreadable)
    }
}
