namespace CiliumLab.Tests.Simulator.Transcript;

/// <summary>The recorded commands whose output the simulator does not give, and why.</summary>
internal static class TranscriptDifferences
{
    /// <summary>Commands that are not run here: they belong to the computer that the virtual machines were on, or begin a session.</summary>
    public static IReadOnlySet<int> NotRun { get; } = new HashSet<int> { 6, 72, 134, 163 };

    /// <summary>Commands that print counters and numbers, which may happen to be the recorded ones.</summary>
    public static IReadOnlySet<int> MayMatch { get; } = new HashSet<int> { 15, 38, 105, 119, 138, 139, 148, 149, 150, 151, 173, 174, 175, 176, 184 };

    /// <summary>The reasons by the command's number.</summary>
    public static IReadOnlyDictionary<int, string> Reasons { get; } = new Dictionary<int, string>
    {
        [1] = "VirtualBox is on the host, which is not simulated",
        [2] = "Vagrant is on the host, which is not simulated",
        [3] = "Vagrant is on the host, which is not simulated",
        [4] = "Vagrant is on the host, which is not simulated",
        [5] = "Vagrant is on the host, which is not simulated",
        [6] = "a login; the simulator's shell takes commands",
        [9] = "the firmware's age grows with the date",
        [13] = "the ssh client's warning at first contact",
        [14] = "the ssh client's warning at first contact",
        [15] = "ports and process numbers of the session",
        [21] = "the recorded control plane had its address in another file, and its static pods had not been restarted with it",
        [22] = "the recorded nodes joined minutes apart, and its events were old; here all join at once",
        [23] = "the recorded control plane had its --node-ip in another file",
        [36] = "the recorded output holds commands that were typed in between",
        [38] = "how long pulling an image took",
        [39] = "tree draws with letters of the locale, which is C here",
        [40] = "tree draws with letters of the locale, which is C here",
        [49] = "a bridge's number is made of its MAC",
        [53] = "the recorded output was shortened by hand",
        [64] = "a bridge's number is made of its MAC",
        [72] = "a loop that ends with Ctrl+C; the simulator runs no scripts",
        [91] = "a bridge's number is made of its MAC",
        [92] = "a bridge's number is made of its MAC",
        [99] = "a remark that was written into the record",
        [105] = "in the recorded lab the DNS pods were not ready yet",
        [114] = "the heading of watch",
        [115] = "the recorded output was shortened by hand",
        [119] = "the mark names the port of Cilium's DNS proxy, which is drawn",
        [134] = "downloads the CLI from outside; the simulated lab has it already",
        [138] = "the ConfigMap's resource version",
        [139] = "the recorded output is of watch, cut by the screen",
        [147] = "the recorded output was shortened by hand",
        [148] = "the number of the health endpoint",
        [149] = "the order of an interface's addresses, and counts of probes",
        [150] = "which probes were under way",
        [151] = "which probes were under way",
        [152] = "the recorded workers got their pod networks in the other order",
        [156] = "a letter was lost in the record",
        [159] = "the recorded output holds aliases that were typed in between",
        [163] = "runs until Ctrl+C",
        [168] = "tree draws with letters of the locale, which is C here",
        [172] = "the size of a table that grows with traffic",
        [173] = "the order in which services and their pods came",
        [174] = "endpoint numbers and counters",
        [175] = "endpoint numbers and counters",
        [176] = "endpoint numbers and counters",
        [177] = "the order of an interface's addresses",
        [178] = "the order of an interface's addresses",
        [179] = "the order of an interface's addresses",
        [184] = "numbers of programs and links",
        [185] = "asks for a program by the number that it had in the recorded lab",
        [186] = "asks for a program by the number that it had in the recorded lab",
        [187] = "the recorded output was shortened by hand",
        [191] = "the time that each call took, by which rows are sorted",
        [194] = "the ports that the sockets happened to get",
    };
}
