namespace CiliumLab.Tests.Nodes;

/// <summary>Words that come to harm wherever quoting is wrong: chosen ones, and random ones made of dangerous pieces.</summary>
internal static class HostileWords
{
    private static readonly string[] Chosen =
    [
        "", " ", "\t", "\n", "a\nb\n", "\r\n", "'", "''", "\"", "'\"'\"'", "\\", "\\'", "\\n", "$HOME", "$(touch /tmp/x)", "`id`", "${x:-y}", "*", "?", "[a-z]*",
        "~", "~root", "-n", "--", "-rf", "--help", "a;b", "a&b", "a|b", ">f", "<f", "#", "!", "!!", "%s", "{a,b}", "=", "a=b", "é", "日本語", "🐝",
        "\u0001\u007f", "trailing ", " leading", "\\\n",
    ];

    private static readonly string[] Pieces = ["'", "\"", "\\", "$", "`", "\n", " ", "*", "(", ")", "!", "ä", "x", "-", "🐝", "\t"];

    public static IReadOnlyList<string> All { get; } = [.. Chosen, .. RandomWords(200, 1, 40)];

    /// <summary>Words of a given size, every character of which is dangerous.</summary>
    public static IEnumerable<string> RandomWords(int count, int seed, int pieces)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
            yield return string.Concat(Enumerable.Range(0, random.Next(1, pieces)).Select(_ => Pieces[random.Next(Pieces.Length)]));
    }
}
