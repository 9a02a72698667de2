import ArgumentParser
import Clusters

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check files before a gateway reads them, and list their keys.",
        subcommands: [Files.self, Configuration.self, CheckRulesCommand.self, Keys.self])

    struct Files: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clusters",
            abstract: "Check the files of the clusters.",
            discussion:
                "Prints all mistakes of all files, and ends with status 1 where there is one.")

        @Argument(
            help: ArgumentHelp(
                "The directory with one YAML file for each cluster.", valueName: "dir"))
        var directory: String

        func run() throws {
            let path = ServeCommand.withoutSlash(directory)
            let reading = InventoryDirectory(path: path).read()
            guard reading.mistakes.isEmpty else {
                MistakeList.print(reading.mistakes)
                throw ExitCode.failure
            }
            let inventory = Inventory(clusters: reading.clusters)
            let names = inventory.clusters.map(\.id.name).joined(separator: ", ")
            let labels = inventory.externalLabelNames.sorted().joined(separator: ", ")
            let count = MistakeList.counted(inventory.clusters.count, "cluster")
            StandardOutput.write(
                TerminalText.safe("OK: \(count) (\(names)), external labels \(labels)") + "\n")
        }
    }

    struct Configuration: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "config",
            abstract: "Check the gateway's own configuration.",
            discussion: "Prints all mistakes, and ends with status 1 where there is one.")

        @Argument(help: ArgumentHelp("The file given to serve --config.", valueName: "file"))
        var file: String

        func run() throws {
            let mistakes = GatewayConfiguration.read(path: file).mistakes
            guard mistakes.isEmpty else {
                MistakeList.print(mistakes)
                throw ExitCode.failure
            }
            StandardOutput.write("OK\n")
        }
    }

    struct Keys: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keys",
            abstract: "List the keys of the configuration files.",
            discussion: "The same rows that the files are checked against.")

        enum Table: String, CaseIterable, ExpressibleByArgument {
            case clusters
            case config
        }

        @Argument(help: "Of which files; all where absent.")
        var table: Table?

        @Flag(help: "Print Markdown.")
        var markdown = false

        func run() throws {
            let form: TextTable.Form = markdown ? .markdown : .text
            if table != .config {
                StandardOutput.write("A cluster's file (serve --clusters DIR)\n\n")
                StandardOutput.write(KeyList.text(of: InventoryReader.table, form))
            }
            if table == nil { StandardOutput.write("\n") }
            if table != .clusters {
                StandardOutput.write("The gateway's configuration (serve --config FILE)\n\n")
                StandardOutput.write(KeyList.text(of: GatewayConfiguration.table, form))
            }
        }
    }
}
