using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>bpftool's JSON: a list, or the object alone when one was asked for by its number.</summary>
internal static class BpftoolJson
{
    /// <summary>Reads the objects.</summary>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is another command's document, or broken.</exception>
    public static IEnumerable<T> Read<T>(string kind, LineReader lines, Action<TextWarning> warn, string expected, Func<JsonElement, T?> read)
        where T : class =>
        lines.Peek()!.AsSpan().TrimStart("\uFEFF \t").StartsWith("[") ? JsonItems.OfArray(kind, lines, warn, expected, read) : One(kind, lines, expected, read);

    private static IEnumerable<T> One<T>(string kind, LineReader lines, string expected, Func<JsonElement, T?> read)
        where T : class
    {
        var (first, opening) = (lines.Number + 1, lines.Peek() ?? "");
        using var document = JsonOutput.Read(kind, lines);

        // bpftool reports its errors in JSON too.
        var reason = document.RootElement.Text("error") ?? $"expected {expected}";
        yield return read(document.RootElement) ?? throw OutputErrors.NotThisOutput(kind, first, opening, reason);
    }
}
