import Testing
import Traces

@Suite struct TraceSettingsTests {
    @Test func clocksAreLeftAloneUnlessTheConfigurationSaysOtherwise() {
        #expect(TraceSettings().maximumClockSkewAdjustment == 0)
    }
}
