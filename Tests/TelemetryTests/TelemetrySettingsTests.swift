import Telemetry
import Testing

@Suite struct TelemetrySettingsTests {
    @Test func everyRequestIsTracedUnlessTheConfigurationSaysOtherwise() {
        #expect(TelemetrySettings().sampleRatio == 1)
    }
}
