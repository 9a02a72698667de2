import Foundation
import PrometheusAPI
import TestSupport
import Testing
import TimeSeries

/// Decodes a body given in pieces.
func decoded(
    _ pieces: some Sequence<ArraySlice<UInt8>>, _ expectation: PrometheusAPI.Expectation,
    limits: DecodingLimits = .standard
) -> Result<QueryResponse, DecodingFailure> {
    var decoder = QueryResponseDecoder(expecting: expectation, limits: limits)
    do throws(DecodingFailure) {
        for piece in pieces { try decoder.feed(Array(piece)) }
        return .success(try decoder.finish())
    } catch {
        return .failure(error)
    }
}

/// Decodes a body given whole.
func decoded(
    _ body: [UInt8], _ expectation: PrometheusAPI.Expectation, limits: DecodingLimits = .standard
) -> Result<QueryResponse, DecodingFailure> {
    decoded([body[...]], expectation, limits: limits)
}

func decoded(
    _ body: String, _ expectation: PrometheusAPI.Expectation, limits: DecodingLimits = .standard
) -> Result<QueryResponse, DecodingFailure> {
    decoded(Array(body.utf8), expectation, limits: limits)
}

extension [UInt8] {
    /// The bytes in pieces of `length`.
    func pieces(of length: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: length).map { self[$0..<Swift.min($0 + length, count)] }
    }

    /// The bytes in pieces of up to `longest`, some of them empty.
    func randomPieces(
        upTo longest: Int, using generator: inout SeededGenerator
    ) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < count {
            let end = Swift.min(count, start + Int.random(in: 0...longest, using: &generator))
            pieces.append(self[start..<end])
            start = end
        }
        return pieces
    }
}

extension QueryResponse {
    /// The series of a vector or matrix.
    var series: [GridSeries]? {
        if case .vector(let series) = value { series } else { nil }
    }
}

extension Result where Success == QueryResponse {
    var series: [GridSeries]? { (try? get())?.series }

    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

/// All bytes of an answer.
func written(
    _ value: QueryValue, _ form: QueryForm, annotations: Annotations = Annotations(),
    stats: JSONValue? = nil, labelEscaping: JSONText.Escaping = .plain, chunkSize: Int = 1 << 16
) -> [UInt8] {
    Array(
        QueryResponseChunks(
            value, form: form, annotations: annotations, stats: stats,
            labelEscaping: labelEscaping, chunkSize: chunkSize
        ).joined())
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Finds folders beside or above the tests.
enum Folders {
    private static func above(_ path: String, of file: String) -> URL? {
        var folder = URL(filePath: file)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appending(path: path)
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }

    /// The recorded bodies of this repository.
    static let recordings = above("conformance/prometheus-api", of: #filePath)
}
