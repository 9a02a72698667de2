import Testing
import Verification

extension Proofs {
    /// Generated sequences of questions and mishaps; the full number is a command's.
    @Suite struct CacheTrialTests {
        @Test func whatIsKeptNeverChangesAnAnswer() async {
            #if DEBUG
                // Without optimisation a sequence takes ten times as long.
                let trials = 200
            #else
                let trials = 2000
            #endif
            var trial = CacheTrial(.init(trials: trials, seed: 2026, shrunkFailures: 3))
            var compared = 0
            var withRemarks = 0
            var cached = 0
            var asked = 0
            while let one = trial.next() {
                await Task.yield()
                compared += one.comparedAnswers
                withRemarks += one.answersWithRemarks
                cached += one.cachedSteps
                asked += one.askedSteps
                if let failure = one.failure { Issue.record("\(failure.report)") }
            }
            // Sequences that compare or keep little prove little.
            #expect(compared > trials * 10, "\(compared) answers compared")
            #expect(withRemarks > trials / 2, "\(withRemarks) answers with remarks")
            #expect(cached * 3 > asked, "\(cached) steps kept, \(asked) asked")
        }
    }
}
