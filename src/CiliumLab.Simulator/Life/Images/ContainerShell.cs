using System.Buffers;
using System.Globalization;
using System.Text;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>
/// <c>sh -c</c> of an image: plain commands one after the other, with quotes, <c>$$</c>, <c>$0</c> to <c>$9</c>, <c>"$@"</c> and <c>&gt;&amp;2</c>.
/// Whatever else a script may hold is refused rather than guessed at.
/// </summary>
internal sealed class ContainerShell : IContainerProgram
{
    private static readonly SearchValues<char> NotKnown = SearchValues.Create("|&<`()*?{}~#!\\[");

    /// <inheritdoc/>
    public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        if (call.Arguments.Count < 3 || call.Arguments[1] != "-c")
            return call.Arguments.Count == 1 ? 0 : await call.ComplainAsync($"{call.Arguments[0]}: scripts are not simulated; give commands with -c", 2, cancellationToken).ConfigureAwait(false);
        var parameters = call.Arguments.Skip(3).ToList();
        var code = 0;
        foreach (var line in Lines(call.Arguments[2]))
        {
            if (Words(line, call.Process.Id, parameters) is not { } command)
                return await call.ComplainAsync("sh: only plain commands are simulated, without pipes, conditions and most expansions", 2, cancellationToken).ConfigureAwait(false);
            if (command.Words.Count == 0)
                continue;
            var run = call with { Arguments = command.Words, Output = command.ToError ? call.Error : call.Output };
            if (command.Words[0] == "exit")
                return command.Words.Count > 1 && int.TryParse(command.Words[1], CultureInfo.InvariantCulture, out var asked) ? asked : code;
            code = command.Words[0] == "exec"
                ? await StartAsync(run with { Arguments = [.. command.Words.Skip(1)] }, cancellationToken).ConfigureAwait(false)
                : await StartAsync(run, cancellationToken).ConfigureAwait(false);
            if (command.Words[0] == "exec")
                return code;
        }

        return code;
    }

    private static async Task<int> StartAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        if (call.Arguments.Count == 0)
            return 0;
        var name = call.Arguments[0];
        if (name == "kill")
            return await KillAsync(call, cancellationToken).ConfigureAwait(false);
        var image = call.Container.Cluster.Images.Find(call.Container.Spec.Text("image") ?? "");
        return image.Programs.TryGetValue(name[(name.LastIndexOf('/') + 1)..], out var program)
            ? await program.RunAsync(call, cancellationToken).ConfigureAwait(false)
            : await call.ComplainAsync($"sh: {name}: not found", 127, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> KillAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        var code = 0;
        foreach (var word in call.Arguments.Skip(1).Where(static word => word is not ("-TERM" or "-15")))
        {
            if (!int.TryParse(word, CultureInfo.InvariantCulture, out var id))
                code = await call.ComplainAsync($"sh: Illegal number: {word}", 2, cancellationToken).ConfigureAwait(false);
            else if (!call.Container.Processes.Terminate(id, call.Process.Id))
                code = await call.ComplainAsync($"sh: kill: No such process", 1, cancellationToken).ConfigureAwait(false);
        }

        return code;
    }

    private static IEnumerable<string> Lines(string script)
    {
        var line = new StringBuilder();
        char? quote = null;
        foreach (var letter in script)
        {
            quote = quote is null ? letter is '"' or '\'' ? letter : null : letter == quote ? null : quote;
            if (quote is null && letter is ';' or '\n')
            {
                yield return line.ToString();
                line.Clear();
                continue;
            }

            line.Append(letter);
        }

        yield return line.ToString();
    }

    // Null for what this shell does not know.
    private static Command? Words(string line, int processId, IReadOnlyList<string> parameters)
    {
        var toError = line.EndsWith(">&2", StringComparison.Ordinal);
        var rest = (toError ? line[..^3] : line).AsSpan().Trim();
        var words = new List<string>();
        while (!rest.IsEmpty)
        {
            if (rest.StartsWith("\"$@\""))
            {
                words.AddRange(parameters.Skip(1));
                rest = rest[4..].TrimStart();
                continue;
            }

            var quoted = rest[0] is '"' or '\'';
            var end = quoted ? rest[1..].IndexOf(rest[0]) + 1 : rest.IndexOfAny(" \t\"'");
            if (quoted && end == 0)
                return null;
            var text = quoted ? rest[1..end] : end < 0 ? rest : rest[..end];
            if (!quoted && (text.ContainsAny(NotKnown) || text.Contains('>') || (end >= 0 && rest[end] is '"' or '\'')))
                return null;
            var word = quoted && rest[0] == '\'' ? text.ToString() : Expand(text.ToString(), processId, parameters);
            if (word is null)
                return null;
            words.Add(word);
            rest = end < 0 ? [] : rest[(quoted ? end + 1 : end)..];
            if (!rest.IsEmpty && !char.IsWhiteSpace(rest[0]))
                return null;
            rest = rest.TrimStart();
        }

        return new Command(words, toError);
    }

    private static string? Expand(string text, int processId, IReadOnlyList<string> parameters)
    {
        text = text.Replace("$$", processId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        for (var number = 0; number < 10; number++)
            text = text.Replace("$" + number.ToString(CultureInfo.InvariantCulture), parameters.ElementAtOrDefault(number) ?? "", StringComparison.Ordinal);
        return text.Contains('$', StringComparison.Ordinal) ? null : text;
    }

    private sealed record Command(IReadOnlyList<string> Words, bool ToError);
}
