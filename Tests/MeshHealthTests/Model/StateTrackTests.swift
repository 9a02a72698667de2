import MeshHealth
import Testing

/// States over time. An interval is 15 s.
@Suite struct StateTrackTests {
    private static func state(
        after readings: [ComponentState], _ settings: StateTrack.Settings = .init()
    ) -> ComponentState {
        track(readings, settings).state
    }

    private static func track(
        _ readings: [ComponentState], _ settings: StateTrack.Settings = .init()
    ) -> StateTrack {
        var track = StateTrack(settings)
        for (index, reading) in readings.enumerated() {
            _ = track.observe(reading, at: Int64(index) * 15_000)
        }
        return track
    }

    @Test func theFirstReadingIsBelievedAtOnce() {
        #expect(Self.state(after: []) == .unknown)
        #expect(Self.state(after: [.unhealthy]) == .unhealthy)
    }

    @Test func oneStrayReadingTurnsNothing() {
        #expect(Self.state(after: [.healthy, .unreachable]) == .healthy)
        #expect(Self.state(after: [.healthy, .unreachable, .healthy]) == .healthy)
    }

    @Test func whatIsKilledOrRestartedShowsWithinTwoIntervals() {
        #expect(Self.state(after: [.healthy, .unreachable, .unreachable]) == .unreachable)
        #expect(
            Self.state(after: [.unreachable, .unreachable, .healthy, .healthy]) == .healthy)
    }

    @Test func readingsThatAreWorseInDifferentWaysAreARow() {
        #expect(Self.state(after: [.healthy, .unreachable, .unhealthy]) == .unhealthy)
    }

    @Test func readingsOnBothSidesAreNoRow() {
        #expect(
            Self.state(after: [.degraded, .degraded, .unhealthy, .healthy, .unhealthy])
                == .degraded)
    }

    @Test func aChangeBeginsWithTheFirstReadingOfItsRow() throws {
        var track = Self.track([.healthy, .healthy])
        let first = track.observe(.unreachable, at: 30_000)
        #expect(first == nil)
        let observed = track.observe(.unreachable, at: 45_000)
        let change = try #require(observed)
        #expect(change.from == .healthy && change.to == .unreachable && change.since == 30_000)
        #expect(track.since == 30_000)
        #expect(track.servedAt == 15_000)
    }

    @Test func whatComesAndGoesFlapsAndIsDegraded() {
        let track = Self.track([.healthy, .unreachable, .healthy, .unreachable, .healthy])
        #expect(track.isFlapping)
        #expect(track.state == .degraded)
    }

    @Test func flappingEndsOnceItHasBeenQuietForAWhile() {
        let noise: [ComponentState] = [.healthy, .unreachable, .healthy, .unreachable, .healthy]
        #expect(Self.track(noise + [.healthy, .healthy]).isFlapping)
        let track = Self.track(noise + Array(repeating: .healthy, count: 11))
        #expect(!track.isFlapping)
        #expect(track.state == .healthy)
    }

    @Test func flappingIsAChangeOfItsOwn() throws {
        var track = Self.track([.healthy, .unreachable, .healthy, .unreachable])
        let observed = track.observe(.healthy, at: 60_000)
        let change = try #require(observed)
        #expect(change.to == .degraded && change.isFlapping && change.since == 60_000)
    }

    @Test func silenceMakesEverythingUnknown() {
        let track = Self.track([.healthy, .healthy], .init(staleAfter: 45_000))
        #expect(track.state(at: 60_000) == .healthy)
        #expect(track.state(at: 60_001) == .unknown)
        #expect(track.isStale(at: 60_001))
    }

    @Test func theFirstReadingAfterSilenceIsBelievedAtOnce() throws {
        var track = Self.track([.healthy, .unreachable], .init(staleAfter: 45_000))
        let observed = track.observe(.unhealthy, at: 500_000)
        let change = try #require(observed)
        #expect(change.from == .unknown && change.to == .unhealthy && change.since == 500_000)
    }

    @Test func aReadingOutOfOrderCountsForNothing() {
        var track = Self.track([.healthy, .healthy, .healthy])
        let changes = [track.observe(.unhealthy, at: 1), track.observe(.unhealthy, at: 2)]
        #expect(changes == [nil, nil])
        #expect(track.state == .healthy)
    }
}
