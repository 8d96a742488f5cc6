using System.Globalization;

namespace CiliumLab.Simulator.Datapath;

/// <summary>The options of tcpdump.</summary>
internal sealed record TcpdumpOptions
{
    private const int MostBytes = 262_144;

    /// <summary><c>-i</c>; null for the first interface that is up.</summary>
    public string? Interface { get; private set; }

    /// <summary><c>-w</c>; null to print.</summary>
    public string? File { get; private set; }

    /// <summary><c>-r</c>; null to capture.</summary>
    public string? Source { get; private set; }

    /// <summary><c>-c</c>.</summary>
    public int Count { get; private set; } = int.MaxValue;

    /// <summary><c>-s</c>.</summary>
    public int SnapshotLength { get; private set; } = MostBytes;

    /// <summary><c>-U</c>: a file is written to with each packet.</summary>
    public bool IsUnbuffered { get; private set; }

    /// <summary><c>-D</c>.</summary>
    public bool ListsInterfaces { get; private set; }

    /// <summary><c>--version</c>.</summary>
    public bool IsVersion { get; private set; }

    /// <summary><c>-h</c>.</summary>
    public bool IsHelp { get; private set; }

    /// <summary>How packets are printed.</summary>
    public PacketTextOptions Text { get; private set; } = new();

    /// <summary>The filter's words.</summary>
    public string Filter { get; private set; } = "";

    private string Direction { get; set; } = "inout";

    /// <summary>Whether <c>-Q</c> lets a packet through.</summary>
    public bool Takes(PacketCapture packet) => Direction == "inout" || Direction == (packet.At.IsOutgoing ? "out" : "in");

    /// <summary>Reads them.</summary>
    /// <param name="arguments">What follows the name.</param>
    /// <param name="wrong">What is wrong.</param>
    /// <returns>Null when something is wrong.</returns>
    public static TcpdumpOptions? Read(IReadOnlyList<string> arguments, out string wrong)
    {
        var options = new TcpdumpOptions();
        wrong = "";
        var words = new Queue<string>(arguments);
        var filter = new List<string>();
        while (words.TryDequeue(out var word))
        {
            // As getopt does it, options may stand behind the filter's words; a filter's minus is none.
            if (word == "--")
                break;
            if (word.Length < 2 || word[0] != '-' || !(char.IsAsciiLetter(word[1]) || word[1] is '-' or '#'))
            {
                filter.Add(word);
                continue;
            }

            wrong = word.StartsWith("--", StringComparison.Ordinal) ? options.Long(word, words) : options.Short(word, words);
            if (wrong.Length > 0)
                return null;
        }

        options.Filter = string.Join(' ', filter.Concat(words));
        return options;
    }

    private string Long(string word, Queue<string> words)
    {
        var (name, value) = word.Split('=', 2) is [var first, var second] ? (first, second) : (word, null);
        switch (name)
        {
            case "--immediate-mode" or "--no-promiscuous-mode":
                return "";
            case "--packet-buffered":
                IsUnbuffered = true;
                return "";
            case "--version":
                IsVersion = true;
                return "";
            case "--help":
                IsHelp = true;
                return "";
            case "--list-interfaces":
                ListsInterfaces = true;
                return "";
            case "--absolute-tcp-sequence-numbers":
                Text = Text with { AbsoluteSequence = true };
                return "";
            case "--interface" or "--snapshot-length" or "--direction":
                return value is not null || words.TryDequeue(out value)
                    ? Take(name switch { "--interface" => 'i', "--snapshot-length" => 's', _ => 'Q' }, value)
                    : $"tcpdump: option '{name}' requires an argument";
            default:
                return $"tcpdump: unrecognized option '{word}'";
        }
    }

    private string Short(string word, Queue<string> words)
    {
        for (var at = 1; at < word.Length; at++)
        {
            var letter = word[at];
            if (letter is 'i' or 'w' or 'r' or 'c' or 's' or 'Q' or 'B')
            {
                var value = at + 1 < word.Length ? word[(at + 1)..] : null;
                return value is not null || words.TryDequeue(out value) ? Take(letter, value) : $"tcpdump: option requires an argument -- '{letter}'";
            }

            if (Switch(letter) is { Length: > 0 } wrong)
                return wrong;
        }

        return "";
    }

    private string Switch(char letter)
    {
        switch (letter)
        {
            case 'n':
                Text = Text with { IsNumeric = true };
                return "";
            case 'e':
                Text = Text with { HasLinkHeader = true };
                return "";
            case 'q':
                Text = Text with { IsQuiet = true };
                return "";
            case 'v':
                Text = Text with { Verbosity = Text.Verbosity + 1 };
                return "";
            case 'S':
                Text = Text with { AbsoluteSequence = true };
                return "";
            case 't':
                Text = Text with { Time = (TimeForm)Math.Min((int)Text.Time + 1, (int)TimeForm.SinceFirst) };
                return "";
            case 'U':
                IsUnbuffered = true;
                return "";
            case 'D':
                ListsInterfaces = true;
                return "";
            case 'h':
                IsHelp = true;
                return "";
            case 'l' or 'p' or 'O' or 'f':
                return "";
            case 'A' or 'X' or 'x' or 'b' or 'd' or 'H' or 'I' or 'J' or 'K' or 'L' or 'N' or 'u' or '#' or 'C' or 'E' or 'F' or 'G' or 'j' or 'm' or 'M' or 'T' or 'V' or 'W' or 'y' or 'z' or 'Z':
                return $"tcpdump: -{letter} is not simulated";
            default:
                return $"tcpdump: invalid option -- '{letter}'";
        }
    }

    private string Take(char letter, string value)
    {
        switch (letter)
        {
            case 'i':
                Interface = value;
                return "";
            case 'w':
                File = value;
                return "";
            case 'r':
                Source = value;
                return "";
            case 'Q' when value is "in" or "out" or "inout":
                Direction = value;
                return "";
            case 'Q':
                return $"tcpdump: unknown capture direction '{value}'";
            case 'B' when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0:
                return "";
            case 's' when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= MostBytes:
                SnapshotLength = length == 0 ? MostBytes : length;
                return "";
            case 'c' when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0:
                Count = count;
                return "";
            default:
                return letter switch { 'c' => $"tcpdump: invalid packet count {value}", 's' => $"tcpdump: invalid snaplen {value} (must be >= 0 and <= {MostBytes})", _ => $"tcpdump: invalid packet buffer size {value}" };
        }
    }
}
