import ArgumentParser

/// `meshsim truth`: prints what calls were really made.
struct TruthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truth",
        abstract: "Prints what calls were really made between two times, as JSON.",
        discussion: """
            It is the truth behind what 'meshsim openmetrics' prints with the same options, and \
            behind what 'meshsim' serves: there it is also at /mesh/truth.
            """)

    @Option(help: "The beginning: Unix seconds or RFC 3339.")
    var start: Moment

    @Option(help: "The end.")
    var end: Moment

    @OptionGroup var simulation: SimulationOptions

    func validate() throws {
        guard start.milliseconds <= end.milliseconds else {
            throw ValidationError("--start must not be after --end.")
        }
    }

    func run() throws {
        let text = MeshTruth(topology: try simulation.topology()).text(
            from: Double(start.milliseconds) / 1000, to: Double(end.milliseconds) / 1000)
        print(String(decoding: text.bytes, as: UTF8.self), terminator: "")
    }
}
