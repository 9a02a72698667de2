import Caching
import Storage
import TimeSeries

/// Asking once among several gateways that share a store: who claims a question asks it, and leaves
/// the answer there for those who asked meanwhile.
///
/// Whoever finds a question claimed had asked before the answer was there, so what he gets is as
/// fresh as if he had asked the cluster himself. Where anything goes wrong he does just that.
package struct SharedClaims: Sendable {
    /// Claims a key with a token for so long.
    package var claim: @Sendable (_ key: String, _ token: String, _ time: Duration) async -> Claim
    /// Keeps an answer, and ends the claim after that.
    package var publish: @Sendable (_ entry: StoreEntry, _ key: String, _ token: String) -> Void
    /// Ends a claim that came to nothing.
    package var release: @Sendable (_ key: String, _ token: String) -> Void
    package var value: @Sendable (_ key: String) async -> [UInt8]?
    /// A text that no other claim has.
    package var token: @Sendable () -> String

    package init(
        claim: @escaping @Sendable (String, String, Duration) async -> Claim,
        publish: @escaping @Sendable (StoreEntry, String, String) -> Void,
        release: @escaping @Sendable (String, String) -> Void,
        value: @escaping @Sendable (String) async -> [UInt8]?,
        token: @escaping @Sendable () -> String
    ) {
        self.claim = claim
        self.publish = publish
        self.release = release
        self.value = value
        self.token = token
    }

    /// How long a claim holds where its holder is gone.
    private static let longestClaim = Duration.seconds(30)
    /// How long an answer stays for those who wait for it.
    private static let answerTime = Duration.seconds(5)
    /// How soon after another look the store is looked at again, at first and at last.
    private static let firstPause = Duration.milliseconds(2)
    private static let longestPause = Duration.milliseconds(50)

    /// The answer of whoever has claimed the question, or else what `ask` gives.
    func answer(
        to question: ServerQuestion, by deadline: ContinuousClock.Instant,
        _ ask: () async -> Outcome<ServerAnswer>
    ) async -> Outcome<ServerAnswer> {
        let slot = AnswerSlot(
            under: question.key, grid: question.grid, wantsSamples: question.wantsSamples)
        let token = token()
        let start = ContinuousClock.now
        let time = min(start.duration(to: deadline), Self.longestClaim)
        // Then there is still time to ask oneself.
        let end = start + start.duration(to: deadline) / 2
        var holder: String?
        var pause = Self.firstPause
        while time > .zero, !Task.isCancelled {
            let claim = await claim(slot.key, token, time)
            if case .held(let other) = claim { holder = other }
            // An answer is there before its claim ends.
            if let holder, let answer = await left(by: holder, in: slot) {
                if claim == .granted { release(slot.key, token) }
                return .answered(answer)
            }
            switch claim {
            case .granted: return leaving(await ask(), in: slot, token)
            case .held where ContinuousClock.now < end:
                // Cancelled is seen by the loop.
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            case .held, .unknown: return await ask()
            }
        }
        return await ask()
    }

    /// Leaves an answer for those who wait for it. Who has none ends the claim, so that another
    /// asks.
    private func leaving(
        _ outcome: Outcome<ServerAnswer>, in slot: AnswerSlot, _ token: String
    ) -> Outcome<ServerAnswer> {
        if case .answered(let answer) = outcome, let bytes = slot.bytes(of: answer.stored) {
            let entry = StoreEntry(
                key: Self.answerKey(token), bytes: bytes, timeToLive: Self.answerTime)
            publish(entry, slot.key, token)
        } else {
            release(slot.key, token)
        }
        return outcome
    }

    private func left(by token: String, in slot: AnswerSlot) async -> ServerAnswer? {
        guard let bytes = await value(Self.answerKey(token)),
            let stored = slot.answer(from: bytes)
        else { return nil }
        var answer = ServerAnswer(stored)
        answer.cache = CacheReport(.miss, isShared: true)
        return answer
    }

    private static func answerKey(_ token: String) -> String { "answer:\(token)" }
}
